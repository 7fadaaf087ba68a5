//! `mojibake`: UTF-8 that was read in another code page ("Trumpâ€™s", "NariÃ±o"), and characters that were lost on the way ("�").
//!
//! Repair is exact or not at all: the characters are put back into the bytes they were read from, those must be whole characters of
//! UTF-8, and what comes out must be plausible text. Everything else is reported.

#[cfg(feature = "encoding")]
mod page;
#[cfg(not(feature = "encoding"))]
#[path = "page_off.rs"]
mod page;
mod sequence;

use std::sync::{Arc, LazyLock};

pub(super) use self::page::windows_char;
use self::sequence::{Page, Sure, sequence};
use super::{Detector, Input, context};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};

/// Finds text decoded with the wrong code page.
#[derive(Clone, Copy, Debug)]
pub struct Mojibake;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| Mojibake.rule());
/// How often a text may have been misread. Each time makes it about twice as long, so real text stays far below.
const MAX_LEVELS: usize = 6;

impl Detector for Mojibake {
    fn name(&self) -> &'static str {
        "mojibake"
    }

    fn why(&self) -> &'static str {
        "was decoded with the wrong character set"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let first = findings.len();
        let misread = &input.sketch().misread;
        repairs(text, Page::Windows, &misread.windows, findings);
        repairs(text, Page::Mac, &misread.mac, findings);
        lost(text, &misread.lost, findings);

        if findings.len() == first {
            return;
        }
        let mut own = findings.split_off(first);
        own.retain(|finding| !context::absent(input.removed, finding.span));
        own.sort_by_key(|finding| finding.span);
        let mut end = 0;
        for finding in own {
            if finding.span.start >= end {
                end = finding.span.end;
                findings.push(finding);
            }
        }
    }
}

/// Where misread characters stand, mended or not.
pub(super) fn recognise(text: &str) -> Vec<Span> {
    let mut findings = Vec::new();
    Mojibake.detect(
        Input {
            text,
            removed: &[],
            found: &[],
            title: None,
            lang: None,
            labels: None,
            facts: &Default::default(),
        },
        &mut findings,
    );
    findings.into_iter().map(|finding| finding.span).collect()
}

/// A row of characters that may be misread, from the first such to the last.
struct Run {
    span: Span,
    sure: Sure,
    /// Holds half a sequence, or a control character that no sequence explains.
    damaged: bool,
}

/// Adds a finding for every run of misread characters around `triggers`.
fn repairs(text: &str, page: Page, triggers: &[usize], findings: &mut Vec<Finding>) {
    if triggers.is_empty() {
        return;
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut done = 0;
    for &at in triggers {
        if at < done {
            continue;
        }
        let start = row_start(text, done, at, page);
        let mut end = at;
        let mut sure = Sure::No;
        let mut damaged = false;
        let mut begin = None;
        let mut here = start;
        // From the first broken character of the run to its last.
        while let Some(c) = context::after(text, here).filter(|c| page.byte(*c).is_some()) {
            if let Some(found) = sequence(page, &text[here..], context::before(text, here)) {
                begin.get_or_insert(here);
                here += found.len;
                end = here;
                sure = sure.max(found.sure);
            } else {
                let half = page == Page::Windows && text[here..].starts_with("â€");
                if is_control(c) || half {
                    begin.get_or_insert(here);
                    end = here + if half { "â€".len() } else { c.len_utf8() };
                    damaged = true;
                }
                here += c.len_utf8();
            }
        }
        done = here;
        if let Some(begin) = begin {
            runs.push(Run {
                span: Span::new(begin, end),
                sure,
                damaged,
            });
        }
    }
    let company = runs.iter().any(|run| run.sure == Sure::Yes);
    for Run {
        span,
        sure,
        damaged,
    } in runs
    {
        let finding = match mend(page, text, span, company) {
            Some(mended) => {
                let finding =
                    context::finding(&RULE, span, action(text, span, mended), Safety::Safe);
                if context::technical(text, span) {
                    context::mention(finding)
                } else {
                    finding
                }
            }
            None if damaged || sure == Sure::Yes => context::report(&RULE, span),
            None => continue,
        };
        findings.push(finding);
    }
}

/// What to do with a run that means `mended`. Characters that are not seen were put where nothing else was, to hold a line open.
fn action(text: &str, span: Span, mended: String) -> Action {
    let unseen = mended
        .chars()
        .all(|c| matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'));
    if !unseen {
        Action::Replace(mended)
    } else if context::begins_line(text, span.start) && context::ends_line(text, span.end) {
        Action::Remove
    } else {
        Action::Replace(String::new())
    }
}

/// Where the row of characters begins, not before `done`, that all have a byte in `page`.
fn row_start(text: &str, done: usize, at: usize, page: Page) -> usize {
    let row = text[done..at]
        .chars()
        .rev()
        .take_while(|c| page.byte(*c).is_some());
    at - row.map(char::len_utf8).sum::<usize>()
}

fn is_control(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9F}')
}

/// Whether `c` is a control character that stands for one byte of Windows-1252, its neighbours being sound.
fn is_lone(text: &str, at: usize, c: char) -> bool {
    let beside = [
        context::before(text, at),
        context::after(text, at + c.len_utf8()),
    ];
    is_control(c) && beside.iter().flatten().all(|c| c.is_ascii())
}

/// What a lone control character stands for: quotation marks, dashes, the bullet. U+0085 is a line end in its own right.
fn mended_lone(c: char) -> Option<char> {
    match c {
        '\u{91}'..='\u{97}' => page::windows_char(u32::from(c) as u8),
        _ => None,
    }
}

/// The text of `span` with all misread characters put right, or `None` if that cannot be done exactly.
fn mend(page: Page, text: &str, span: Span, company: bool) -> Option<String> {
    let first = context::after(text, span.start)?;
    if page == Page::Windows && is_lone(text, span.start, first) {
        return mended_lone(first).map(String::from);
    }
    let prev = context::before(text, span.start);
    let next = context::after(text, span.end);
    let mut mended = text[span.range()].to_owned();
    let mut changed = false;
    for level in 0..MAX_LEVELS {
        match mend_once(page, &mended, prev, next, company || level > 0) {
            Some(better) => mended = better,
            None => break,
        }
        changed = true;
    }
    // A control character or U+FFFD left over, or half a quotation mark, tells that bytes were lost.
    let sound = !mended
        .chars()
        .any(|c| matches!(c, '\u{80}'..='\u{9F}' | '\u{FFFD}'))
        && !mended.contains("â€");
    let settled = mend_once(page, &mended, prev, next, true).is_none();
    (changed && sound && settled).then_some(mended)
}

/// One reading undone, or `None` if there is nothing to undo.
fn mend_once(
    page: Page,
    run: &str,
    prev: Option<char>,
    next: Option<char>,
    company: bool,
) -> Option<String> {
    let least = if company { Sure::InCompany } else { Sure::Yes };
    // The judgement looks at the next character, so it must see the one behind the run.
    let whole: String = run.chars().chain(next).collect();
    let mut out = String::with_capacity(run.len());
    let mut at = 0;
    let mut before = prev;
    let mut changed = false;
    while at < run.len() {
        match sequence(page, &whole[at..], before) {
            Some(found) if at + found.len <= run.len() && found.sure >= least => {
                out.push(found.meant);
                before = Some(found.meant);
                at += found.len;
                changed = true;
            }
            _ => {
                let c = run[at..].chars().next()?;
                out.push(c);
                before = Some(c);
                at += c.len_utf8();
            }
        }
    }
    changed.then_some(out)
}

/// Adds a finding for every row of replacement characters.
fn lost(text: &str, triggers: &[usize], findings: &mut Vec<Finding>) {
    let size = '\u{FFFD}'.len_utf8();
    let mut end = 0;
    for &at in triggers {
        if at < end {
            continue;
        }
        end = at;
        while text[end..].starts_with('\u{FFFD}') {
            end += size;
        }
        findings.push(context::report(&RULE, Span::new(at, end)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "encoding")]
    use crate::fragment::check::find;
    use crate::fragment::check::{found, keeps, mends};
    #[cfg(feature = "encoding")]
    use crate::model::Kept;

    #[test]
    #[cfg(feature = "encoding")]
    fn windows() {
        for (broken, sound) in [
            ("The mayorâ€™s office", "The mayor’s office"),
            (
                "â€œWeâ€™re late,â€\u{9d} she said",
                "“We’re late,” she said",
            ),
            (
                "a vote â€” the third â€” failed",
                "a vote — the third — failed",
            ),
            (
                "from NariÃ±o to BogotÃ¡, a cafÃ©",
                "from Nariño to Bogotá, a café",
            ),
            ("MarÃ\u{AD}a came", "María came"),
            ("in GroÃŸbritannien, schÃ¶n", "in Großbritannien, schön"),
            (
                "It cost Â£5, at 20Â°C.Â\u{A0}Then",
                "It cost £5, at 20°C.\u{A0}Then",
            ),
            ("w KrakÃ³w Å‚adny dziÅ›", "w Kraków ładny dziś"),
            ("Well done ðŸ˜€!", "Well done 😀!"),
            ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "привет"),
            ("Ã‰cole, â‚¬20, Acmeâ„¢", "École, €20, Acme™"),
        ] {
            mends(&Mojibake, broken, sound);
        }
    }

    #[test]
    fn latin_1_and_twice() {
        mends(
            &Mojibake,
            "The mayorâ\u{80}\u{99}s office",
            "The mayor’s office",
        );
        mends(
            &Mojibake,
            "The mayorÃ¢Â\u{80}Â\u{99}s office",
            "The mayor’s office",
        );
        mends(&Mojibake, "One.\nâ\u{80}\u{8d}\nTwo.", "One.\n\nTwo.");
        mends(
            &Mojibake,
            "she said.Ã¢Â\u{80}Â\u{9D} Then",
            "she said.” Then",
        );
    }

    #[test]
    #[cfg(feature = "encoding")]
    fn twice_in_windows() {
        mends(&Mojibake, "The mayorÃ¢â‚¬â„¢s office", "The mayor’s office");
        mends(&Mojibake, "a cafÃƒÂ© here", "a café here");
    }

    #[test]
    #[cfg(feature = "encoding")]
    fn mac() {
        mends(
            &Mojibake,
            "tadi.,‚ÄúMayat bayi,‚Äù kata dia, Men‚Äôs Week",
            "tadi.,“Mayat bayi,” kata dia, Men’s Week",
        );
        mends(&Mojibake, "a caf√© in Bogot√°", "a café in Bogotá");
        keeps(&Mojibake, "„Er sagte ‚Äpfel‘ und ging.“", false);
        keeps(&Mojibake, "where f = √π and n√π", false);
    }

    #[test]
    #[cfg(feature = "encoding")]
    fn lone_controls() {
        mends(
            &Mojibake,
            "the city\u{92}s plan \u{96} a new one",
            "the city’s plan – a new one",
        );
        keeps(&Mojibake, "Nothing \u{80}— not one", true);
        keeps(&Mojibake, "one\u{85}\ntwo", true);
    }

    #[test]
    fn natural_text() {
        for text in [
            "A IRMÃ” e o “NÃO” de ANCHIETA, SÃO PAULO – MAÇÃ…",
            "« À « L’été » à\u{A0}« Noël » : 20\u{A0}€ »",
            "Der Ä… und das Ö–, Ü“, „Äpfel“",
            "Å” sa han. ØÆÅ… på",
            "naïve façade, Zoë’s café—señor’s “piñata”",
            "Tiếng Việt: Ăn quả nhớ kẻ trồng cây, ÂN’",
            "5 € für Ã und à",
            "“It’s €20–€30,” he said™",
        ] {
            keeps(&Mojibake, text, false);
        }
    }

    #[test]
    fn what_cannot_be_mended_is_reported() {
        assert_eq!(
            found(&Mojibake, "Trump\u{FFFD}s hair \u{FFFD}\u{FFFD} ok"),
            ["\u{FFFD}", "\u{FFFD}\u{FFFD}"]
        );
        keeps(&Mojibake, "Trump\u{FFFD}s hair", true);
        keeps(&Mojibake, "she said,â€ and left", true);
        keeps(&Mojibake, "RodrÃ¯Â¿Â½uez", true);
    }

    #[test]
    #[cfg(feature = "encoding")]
    fn company_makes_sure() {
        keeps(&Mojibake, "A IRMÃ”, disse", false);
        mends(&Mojibake, "O COMITÃ” e o cafÃ©", "O COMITÔ e o café");
    }

    #[test]
    #[cfg(feature = "encoding")]
    fn speaking_of_it() {
        for text in [
            "The sequence “â€™” is an apostrophe.",
            "Read as UTF-8, the name of cafÃ© would be right.",
        ] {
            keeps(&Mojibake, text, true);
            assert_eq!(find(&Mojibake, text)[0].kept, Some(Kept::Mention));
        }
    }
}
