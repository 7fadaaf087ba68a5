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
    ("no", "nb"),
    ("nor", "nb"),
    ("npi", "ne"),
    ("pes", "fa"),
    ("swh", "sw"),
    ("ydd", "yi"),
    ("zsm", "ms"),
];

/// The language (BCP 47) that a code means, as records and headers spell them: the first one of a list, in two letters where there are two for it.
/// `None` if it is empty, says that the language is not known, or is no code.
///
/// ```
/// use descale::format::lang::of_code;
/// assert_eq!(of_code("deu,eng").as_deref(), Some("de"));
/// assert_eq!(of_code("pt_BR").as_deref(), Some("pt-BR"));
/// assert_eq!(of_code("zh-TW").as_deref(), Some("zh-Hant"));
/// assert_eq!(of_code("und"), None);
/// assert_eq!(of_code("English"), None);
/// ```
#[must_use]
pub fn of_code(codes: &str) -> Option<Cow<'_, str>> {
    let first = codes.split([',', ';']).next().unwrap_or_default().trim();
    let (primary, rest) = first.split_at(first.find(['-', '_']).unwrap_or(first.len()));
    let language = short(primary)?;
    let rest = rest.trim_start_matches(['-', '_']);
    if language == "zh" {
        // What tells the two ways of writing apart is a country as often as their name.
        let says = |names: &[&str]| {
            let mut parts = rest.split(['-', '_']);
            parts.any(|part| names.iter().any(|name| name.eq_ignore_ascii_case(part)))
        };
        if says(&["Hant", "TW", "HK", "MO"]) {
            return Some("zh-Hant".into());
        }
        if says(&["Hans", "CN", "SG"]) {
            return Some("zh-Hans".into());
        }
    }
    Some(match rest {
        "" => language,
        rest => format!("{language}-{}", rest.replace('_', "-")).into(),
    })
}

/// A code of two or three letters, in two if there are two for it; `None` if no language has it.
fn short(code: &str) -> Option<Cow<'static, str>> {
    let code = code.to_ascii_lowercase();
    if let Some((_, group)) = MEMBERS.iter().find(|(member, _)| *member == code) {
        return Some(Cow::Borrowed(*group));
    }
    let language = match code.len() {
        2 => isolang::Language::from_639_1(&code)?,
        3 => isolang::Language::from_639_3(&code)?,
        _ => return None,
    };
    if language == isolang::Language::Und {
        return None;
    }
    Some(language.to_639_1().unwrap_or(language.to_639_3()).into())
}

/// No more of a text than so many bytes is looked at: more says no more, and costs as much again.
#[cfg(feature = "language")]
const ENOUGH: usize = 1 << 10;

/// The language (BCP 47, two letters) that a text is written in, if its beginning leaves no doubt.
///
/// ```
/// use descale::format::lang::detect;
/// let text = "Der Vorstand teilte am Dienstag mit, dass die Bilanz erst im Herbst veröffentlicht wird.";
/// assert_eq!(detect(text).as_deref(), Some("de"));
/// assert_eq!(detect("OK 12"), None);
/// ```
#[cfg(feature = "language")]
#[must_use]
pub fn detect(text: &str) -> Option<Cow<'static, str>> {
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
            ("EN", Some("en")),
            ("no-NO", Some("nb-NO")),
            ("zh_Hans_CN", Some("zh-Hans")),
            ("xyzw", None),
            ("xx", None),
            ("", None),
            (" , eng", None),
            ("und", None),
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
            .filter(|lang| short(lang.code()).is_none_or(|code| code.len() != 2))
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
