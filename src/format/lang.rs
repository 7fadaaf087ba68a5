//! Languages of documents: their codes, and which one a text is written in.

use std::borrow::Cow;

/// Codes of single languages that stand for what is known under the code of their group.
const MEMBERS: &[(&str, &str)] = &[
    ("arb", "ar"),
    ("azj", "az"),
    ("cmn", "zh"),
    ("ekk", "et"),
    ("fil", "tl"),
    ("lvs", "lv"),
    ("nor", "nb"),
    ("npi", "ne"),
    ("pes", "fa"),
    ("swh", "sw"),
    ("ydd", "yi"),
    ("zsm", "ms"),
];

/// The language (BCP 47) that a code of a header means: the first one of a list, in two letters where there are two for it. `None` if it is empty or
/// says that the language is not known.
///
/// ```
/// use descale::format::lang::of_code;
/// assert_eq!(of_code("deu,eng").as_deref(), Some("de"));
/// assert_eq!(of_code("pt-BR").as_deref(), Some("pt-BR"));
/// assert_eq!(of_code("und"), None);
/// ```
#[must_use]
pub fn of_code(codes: &str) -> Option<Cow<'_, str>> {
    let first = codes.split([',', ';']).next().unwrap_or_default().trim();
    if first.is_empty() || first.eq_ignore_ascii_case("und") {
        return None;
    }
    Some(short(first).map_or(Cow::Borrowed(first), Cow::Borrowed))
}

/// The two letters of a code of three.
fn short(code: &str) -> Option<&'static str> {
    let code = code.to_ascii_lowercase();
    let member = MEMBERS.iter().find(|(member, _)| *member == code);
    match member {
        Some((_, group)) => Some(group),
        None => isolang::Language::from_639_3(&code)?.to_639_1(),
    }
}

/// No more of a text than so many bytes is looked at: more says no more, and costs as much again.
#[cfg(feature = "language")]
const ENOUGH: usize = 2 << 10;

/// The language (BCP 47, two letters) that a text is written in, if its beginning leaves no doubt.
///
/// ```
/// use descale::format::lang::detect;
/// let text = "Der Vorstand teilte am Dienstag mit, dass die Bilanz erst im Herbst veröffentlicht wird.";
/// assert_eq!(detect(text), Some("de"));
/// assert_eq!(detect("OK 12"), None);
/// ```
#[cfg(feature = "language")]
#[must_use]
pub fn detect(text: &str) -> Option<&'static str> {
    let mut end = ENOUGH.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let beginning = &text[..end];
    let info = whatlang::detect(beginning).filter(whatlang::Info::is_reliable)?;
    short(info.lang().code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_kinds() {
        for (codes, expected) in [
            ("eng", Some("en")),
            ("ENG", Some("en")),
            ("zho,eng", Some("zh")),
            ("cmn", Some("zh")),
            ("nob", Some("nb")),
            ("en-US", Some("en-US")),
            ("zh-Hans", Some("zh-Hans")),
            // A language without two letters.
            ("haw", Some("haw")),
            ("xyzw", Some("xyzw")),
            ("", None),
            (" , eng", None),
        ] {
            assert_eq!(of_code(codes).as_deref(), expected, "{codes}");
        }
    }

    /// What the detector answers must be a code that packs could be named after.
    #[cfg(feature = "language")]
    #[test]
    fn every_detected_language_has_two_letters() {
        let without: Vec<_> = whatlang::Lang::all()
            .iter()
            .filter(|lang| short(lang.code()).is_none())
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
