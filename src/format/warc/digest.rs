//! Digests in headers, such as `sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ`: made anew for changed bytes, in the spelling they had.

use data_encoding::{BASE32, BASE32_NOPAD, HEXLOWER, HEXUPPER};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// How a digest is made and spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind<'v> {
    /// The name of the algorithm and the colon, as they stand there.
    prefix: &'v str,
    algorithm: Algorithm,
    spelling: Spelling,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Base32,
    Base32NoPad,
    HexLower,
    HexUpper,
}

impl<'v> Kind<'v> {
    /// The kind of the digest that `value` is; `None` when it is none that is known here.
    pub(super) fn of(value: &'v str) -> Option<Self> {
        let colon = value.find(':')?;
        let (prefix, digest) = value.split_at(colon + 1);
        let name = prefix.trim_end_matches(':').replace('-', "");
        let (algorithm, bytes) = match name.to_ascii_lowercase().as_str() {
            "sha1" => (Algorithm::Sha1, 20),
            "sha256" => (Algorithm::Sha256, 32),
            _ => return None,
        };
        let spelling = [
            Spelling::Base32,
            Spelling::Base32NoPad,
            Spelling::HexLower,
            Spelling::HexUpper,
        ]
        .into_iter()
        .find(|spelling| {
            let read = spelling.encoding().decode(digest.as_bytes());
            read.is_ok_and(|read| read.len() == bytes)
        })?;
        Some(Self {
            prefix,
            algorithm,
            spelling,
        })
    }

    /// The digest of bytes that come in pieces.
    pub(super) fn digest(&self, pieces: &[&[u8]]) -> String {
        let raw = match self.algorithm {
            Algorithm::Sha1 => over::<Sha1>(pieces),
            Algorithm::Sha256 => over::<Sha256>(pieces),
        };
        format!("{}{}", self.prefix, self.spelling.encoding().encode(&raw))
    }
}

impl Spelling {
    fn encoding(self) -> data_encoding::Encoding {
        match self {
            Self::Base32 => BASE32,
            Self::Base32NoPad => BASE32_NOPAD,
            Self::HexLower => HEXLOWER,
            Self::HexUpper => HEXUPPER,
        }
    }
}

fn over<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
    let mut hasher = D::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_stays() {
        // The digests of no bytes, as coreutils print them.
        for value in [
            "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
            "SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha1:DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ====",
            "sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ",
        ] {
            assert_eq!(Kind::of(value).unwrap().digest(&[]), value);
            assert_ne!(Kind::of(value).unwrap().digest(&[b"a"]), value);
        }
    }

    #[test]
    fn what_is_not_known_is_not_made() {
        for value in [
            "",
            "sha1:",
            "sha1:ABC",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha1",
        ] {
            assert_eq!(Kind::of(value), None, "{value}");
        }
    }
}
