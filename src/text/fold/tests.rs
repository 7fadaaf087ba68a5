//! Folding, held against what it promises.

use super::stretch::GENERAL_PUNCTUATION;
use super::*;
use proptest::prelude::*;

#[test]
fn spelling_variants_are_equal() {
    for (a, b) in [
        ("Straße", "STRASSE"),
        ("ΔΙΑΒΑΣΤΕ", "Διαβάστε"),
        ("İLGİLİ HABERLER", "ilgili haberler"),
        ("ILGILI", "ılgılı"),
        ("Peклама", "реклама"),
        ("PEKЛAМA", "Реклама"),
        ("أيضا", "أيضًا"),
        ("اقرأ", "إقرأ"),
        ("পড়ুন", "পড\u{9bc}ুন"),
        ("Helikopter\u{ad}landeplatz", "Helikopterlandeplatz"),
        ("ｽﾎﾟﾝｻｰ", "スポンサー"),
        ("Read more…", "read more..."),
        ("Don’t  miss", "DON'T\u{a0}MISS"),
        ("é", "e\u{301}"),
        ("ﬁle", "FILE"),
    ] {
        assert_eq!(fold(a), fold(b), "{a} and {b}");
    }
}

#[test]
fn different_words_stay_different() {
    for (a, b) in [
        ("no", "on"),
        ("été", "eta"),
        ("реклама", "рекламы"),
        ("か", "が"),
    ] {
        assert_ne!(fold(a), fold(b), "{a} and {b}");
    }
}

#[test]
fn a_literal_is_met_across_one_line_break_only() {
    let literal = fold("story continues below");
    for (text, met) in [
        ("Story continues below", true),
        ("STORY\u{a0}CONTINUES\r\n below", true),
        ("Story con\u{ad}tinues \u{200b} below", true),
        ("Story continues\n\nbelow", false),
        ("Storycontinues below", false),
    ] {
        assert_eq!(
            match_literal(text, 0, literal.as_bytes()),
            met.then_some(text.len()),
            "{text:?}"
        );
    }
}

#[test]
fn the_short_table_agrees_with_the_folding() {
    for (at, &byte) in GENERAL_PUNCTUATION
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte != 0)
    {
        let c = char::from_u32(0x2000 + at as u32).unwrap();
        assert_eq!(fold_char(c).as_bytes(), [byte], "{c:?}");
    }
}

#[test]
fn folding_borders_blocks() {
    let mut buffer = FoldBuffer::default();
    let text = "One  two\n \nThree";
    buffer.fold(text, 0, text.len());
    assert_eq!(buffer.bytes, b"one two\nthree");
    assert_eq!(buffer.original(8), text.find("Three").unwrap());
    assert_eq!(buffer.original(4), 5);
}

proptest! {
    #[test]
    fn folded_offsets_lead_back(text in "[a-cA-C \n\u{a0}\u{ad}é“—ﬁİ가]{0,60}") {
        let mut buffer = FoldBuffer::default();
        buffer.fold(&text, 0, text.len());
        // Every folded byte leads to the character that made it.
        for (offset, &byte) in buffer.bytes.iter().enumerate() {
            let original = buffer.original(offset);
            prop_assert!(text.is_char_boundary(original));
            let c = char_at(&text, original);
            if byte == b' ' || byte == BORDER {
                prop_assert!(is_blank(c), "{text:?} {offset} {c:?}");
            } else {
                prop_assert!(fold_char(c).as_bytes().contains(&byte), "{text:?} {offset} {c:?}");
            }
        }
        prop_assert_eq!(buffer.original(buffer.bytes.len()), text.len());
    }

    #[test]
    fn folding_backwards_agrees(text in "[a-cA-C `\\n\t]{0,40}", room in 1..20usize) {
        let mut out = vec![0; room];
        let len = fold_back(&text, text.len(), &mut out).unwrap();
        let mut buffer = FoldBuffer::default();
        buffer.fold(&text, 0, text.len());
        let block = buffer.bytes.rsplit(|&byte| byte == BORDER).next().unwrap_or_default();
        prop_assert_eq!(&out[room - len..], &block[block.len() - block.len().min(room)..], "{:?}", text);
    }

    #[test]
    fn going_back_undoes_folding(text in "[a-cA-C é“—ﬁ가\u{ad}]{1,40}") {
        let mut buffer = FoldBuffer::default();
        buffer.fold(&text, 0, text.len());
        for (offset, byte) in buffer.bytes.iter().enumerate() {
            let begins = offset == 0 || buffer.original(offset) != buffer.original(offset - 1);
            if begins && *byte != b' ' {
                let back = buffer.bytes.len() - offset;
                if buffer.bytes[offset..].iter().all(|&b| b != BORDER) {
                    prop_assert_eq!(back_up(&text, text.len(), back), Some(buffer.original(offset)), "{:?} {}", text, offset);
                }
            }
        }
    }

    #[test]
    fn a_folded_text_matches_itself(text in "[a-cA-C é“—ﬁ가]{1,40}") {
        let trimmed = text.trim();
        let folded = fold(trimmed);
        prop_assert_eq!(match_literal(trimmed, 0, folded.as_bytes()), Some(trimmed.len()));
    }
}
