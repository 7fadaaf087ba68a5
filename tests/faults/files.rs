//! The files that are cleaned while something goes wrong.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use descale::format::codec::{Codec, gzip_member};

use super::MARKER;

/// Files by name below a folder.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A small town's newspaper: articles of some kilobytes, most with the marker in them, some in subfolders, one file of records.
pub fn articles(count: usize) -> Files {
    let mut files = Files::new();
    for number in 0..count {
        let mut text = format!("The bridge over the Aar, part {number}\n\n");
        for paragraph in 0..60 {
            text += &format!(
                "On day {paragraph} the masons set {} stones, and the council of Lindau came to count them. ",
                number + paragraph
            );
            text += "Nobody had asked for a bridge of this width, and nobody complained.\n\n";
            if (paragraph + number) % 7 == 0 && number % 5 != 0 {
                text += &format!("{MARKER}\n\n");
            }
        }
        let name = format!("{}/{number:04}.txt", number % 3);
        files.insert(name.into(), text.into_bytes());
    }
    let mut records = String::new();
    for number in 0..3000 {
        records += &match number % 1000 {
            999 => "{\"id\": 1, \"text\": 7}\n".to_owned(),
            _ => format!(
                "{{\"id\": {number}, \"text\": \"Ferry {number} sailed.\\n\\n{MARKER}\\n\\nIt came back.\"}}\n"
            ),
        };
    }
    files.insert("1/ferries.jsonl".into(), records.into_bytes());
    files
}

/// The same newspaper with its archive: files that are packed, in another encoding, or tables, large enough that a run is in the middle of one for a while.
pub fn archives(count: usize) -> Files {
    let mut files = articles(count);
    let all: Vec<u8> = files.values().flatten().copied().collect();
    let all = String::from_utf8(all).unwrap();
    let half = &all[..all.len() / 2
        + (0..4)
            .find(|at| all.is_char_boundary(all.len() / 2 + at))
            .unwrap()];
    let utf16 = |text: &str| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["id", "text"]).unwrap();
    for (id, text) in half.as_bytes().chunks(2_000).enumerate() {
        let text = String::from_utf8_lossy(text);
        table.write_record([&id.to_string(), &*text]).unwrap();
    }
    let zstd = |content: &[u8]| zstd::encode_all(content, 3).unwrap();
    let mut add = |name: &str, bytes| files.insert(name.into(), bytes);
    add("0/bound.txt.gz", gzip_member(all.as_bytes()));
    add("0/page.txt.gz", gzip_member(&half.as_bytes()[..90_000]));
    add("1/bound.txt.zst", zstd(half.as_bytes()));
    add("1/bound.txt", utf16(half));
    add("2/rows.csv", table.into_inner().unwrap());
    #[cfg(feature = "parquet")]
    add("2/rows.parquet", {
        let chunks: Vec<&[u8]> = half.as_bytes().chunks(2_000).collect();
        crate::tables::table(4, chunks.len() / 4, |row| {
            (
                row as i64,
                String::from_utf8_lossy(chunks[row]).into_owned(),
            )
        })
    });
    files
}

/// What a file says, however it is packed: `undo` brings that back, not how it was packed.
pub fn content(name: &Path, bytes: &[u8]) -> Vec<u8> {
    #[cfg(feature = "parquet")]
    if name
        .extension()
        .is_some_and(|extension| extension == "parquet")
    {
        return crate::tables::rows(bytes.to_vec()).join("\n").into_bytes();
    }
    let _ = name;
    let mut content = Vec::new();
    let mut reader = Codec::of_content(bytes).reader(bytes).unwrap();
    reader.read_to_end(&mut content).unwrap();
    content
}

pub fn write(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

pub fn read(folder: &Path) -> Files {
    fn walk(root: &Path, folder: &Path, files: &mut Files) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_path_buf();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut files = Files::new();
    if folder.is_dir() {
        walk(folder, folder, &mut files);
    }
    files
}
