//! `repeated-title`: the article's title at the head of its text, with or without the site's name, and the menus above it.
//!
//! Extractors leave the headline in as the first line; titles from page heads carry the site's name ("Headline - Site"), end at an apostrophe
//! that a careless tool took for the end of an attribute ("Browns player on Mason Rudolph" for "… Mason Rudolph's role"), or were edited after the
//! headline was. Only lines above the first paragraph are looked at, and only such as end no sentence: a first sentence that says
//! what the title says stays.

use std::sync::{Arc, LazyLock};

use super::outline::{Line, key, lines, overlaps};
use super::{Detector, Input, finding};
use crate::model::{Action, Category, Finding, RuleInfo, Safety};
use crate::text::edges::{is_close_quote, is_open_quote};

/// Finds the title at the head of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct RepeatedTitle;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| RepeatedTitle.rule());

/// How many lines may stand above the title in the raw text of a page, menus and all.
const HEAD_LINES: usize = 600;

/// The most words that a site appends to a headline: its name and section.
const APPENDED_WORDS: usize = 8;

/// How many lines above the headline make a menu.
const MENU_LINES: usize = 8;

/// The most words that a line of a menu has on average.
const MENU_WORDS: usize = 4;

/// The most words of a button between a page's headline and its first paragraph.
const BUTTON_WORDS: usize = 4;

/// How many lines are looked at when no title is known: the first, and those below it that may repeat it.
const UNTITLED_LINES: usize = 4;

/// The fewest words of a line that is taken for the title on its shape alone, without the title field.
const UNTITLED_WORDS: usize = 4;

impl Detector for RepeatedTitle {
    fn name(&self) -> &'static str {
        "repeated-title"
    }

    fn why(&self) -> &'static str {
        "repeats the article's title, which is no part of its text"
    }

    fn category(&self) -> Category {
        Category::MetadataHeader
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        match input
            .title
            .map(Title::new)
            .filter(|title| !title.words.is_empty())
        {
            Some(title) => titled(&title, input, findings),
            None => untitled(input, findings),
        }
    }
}

/// What is known of a title.
struct Title {
    /// Its words.
    words: Vec<String>,
    /// Its parts, where it is cut up by bars and dashes: the headline, the site's name, the section.
    parts: Vec<Vec<String>>,
}

/// How a line resembles the title.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// It is the title, or the headline in it.
    Whole,
    /// It is another part of the title: the site's name, the section.
    Part,
    /// It is the headline, of which the title is a shorter or edited form.
    Edited,
    /// It shares so many words with the title that it may be one, or the first thing said of the matter.
    Near,
}

impl Title {
    fn new(title: &str) -> Self {
        Self {
            words: key(title),
            parts: parts(title),
        }
    }

    fn likeness(&self, line: Line<'_>) -> Option<Likeness> {
        // An item of a list is one of several things said.
        if line
            .text
            .starts_with(['•', '*', '-', '–', '—', '·', '▪', '►'])
        {
            return None;
        }
        let words = key(line.text);
        if words.is_empty() {
            return None;
        }
        if words == self.words
            || (self.parts.contains(&words) && words.len() * 2 >= self.words.len())
        {
            return Some(Likeness::Whole);
        }
        if self.parts.contains(&words) {
            return Some(Likeness::Part);
        }
        // "Headline - Site" above a text whose title is "Headline".
        let appended = |part: &Vec<String>| {
            let rest = words.len() - part.len();
            part.len() >= 3
                && rest <= APPENDED_WORDS
                && (*part == self.words || self.parts.contains(part))
        };
        if parts(line.text).iter().any(appended) {
            return Some(Likeness::Whole);
        }
        if self.begins(&words, line) {
            Some(Likeness::Edited)
        } else {
            self.shares(&words)
        }
    }

    /// Whether the line goes on where the title was cut off: at an apostrophe or a quotation mark, or after several words.
    fn begins(&self, words: &[String], line: Line<'_>) -> bool {
        let count = self.words.len();
        // "Headline - a whole sentence" is more than a headline.
        if parts(line.text)
            .first()
            .is_some_and(|part| *part == self.words || self.parts.contains(part))
        {
            return false;
        }
        if words.len() > count && words[..count] == self.words[..] {
            return count >= 4 || (count >= 2 && line.is_label() && words.len() >= 5);
        }
        // Behind an apostrophe the last word goes on: "Nelson" and "Nelson's".
        let Some((last, rest)) = self.words.split_last() else {
            return false;
        };
        let cut = words.len() > rest.len()
            && words[..rest.len()] == *rest
            && words[rest.len()]
                .strip_prefix(last.as_str())
                .is_some_and(|ending| !ending.is_empty() && ending.len() <= 2);
        cut && last.len() >= 4
            && line
                .text
                .chars()
                .any(|c| is_open_quote(c) || is_close_quote(c))
    }

    /// How many of the words that carry meaning line and title share: nearly all, or most.
    fn shares(&self, words: &[String]) -> Option<Likeness> {
        let title: Vec<&String> = self.words.iter().filter(|word| word.len() >= 4).collect();
        let line: Vec<&String> = words.iter().filter(|word| word.len() >= 4).collect();
        let shared = title.iter().filter(|word| line.contains(word)).count();
        if shared < 4 || shared * 2 < title.len() || shared * 5 < line.len() * 2 {
            return None;
        }
        Some(if shared * 4 >= line.len() * 3 {
            Likeness::Edited
        } else {
            Likeness::Near
        })
    }
}

/// The parts of a title that bars, dashes between blanks and double colons set apart; none if it is of one piece.
fn parts(title: &str) -> Vec<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = title;
    while let Some((at, len)) = separator(rest) {
        parts.push(key(&rest[..at]));
        rest = &rest[at + len..];
    }
    if !parts.is_empty() {
        parts.push(key(rest));
        // A single word is a section or a place, and a line of its own in too many texts.
        parts.retain(|part| part.len() >= 2);
    }
    parts
}

/// The first separator of a title: its place and length in bytes.
fn separator(title: &str) -> Option<(usize, usize)> {
    title.char_indices().find_map(|(at, c)| match c {
        '|' | '·' | '•' | '»' | '«' => Some((at, c.len_utf8())),
        '-' | '–' | '—' => {
            let spaced = title[..at].ends_with(char::is_whitespace)
                && title[at + c.len_utf8()..].starts_with(char::is_whitespace);
            spaced.then_some((at, c.len_utf8()))
        }
        ':' if title[at..].starts_with("::") => Some((at, 2)),
        _ => None,
    })
}

/// Looks for the title above the first paragraph.
fn titled(title: &Title, input: Input<'_>, findings: &mut Vec<Finding>) {
    let mut head: Vec<Line<'_>> = Vec::new();
    let mut found: Vec<(usize, Safety)> = Vec::new();
    let mut headline = None;
    let mut body = None;
    for line in lines(input.text).take(HEAD_LINES) {
        let likeness = title.likeness(line);
        let same = match likeness {
            Some(Likeness::Whole | Likeness::Part) => true,
            // Further down, a heading may well take up the title's words.
            Some(Likeness::Edited | Likeness::Near) => head.is_empty() && is_headline(line),
            None => false,
        };
        if !same && line.is_paragraph() {
            body = Some(line);
            break;
        }
        if same {
            found.push((
                head.len(),
                if likeness == Some(Likeness::Near) {
                    Safety::Review
                } else {
                    Safety::Safe
                },
            ));
            if likeness == Some(Likeness::Whole) {
                headline = Some(head.len());
            }
        }
        head.push(line);
    }
    // Where nothing but the head stands, its lines may be the text.
    let Some(body) = body else {
        if found.len() < head.len() && head.len() < HEAD_LINES {
            findings.extend(
                found
                    .into_iter()
                    .filter(|&(place, _)| place < UNTITLED_LINES)
                    .map(|(place, safety)| {
                        finding(RULE.clone(), head[place].span, Action::Remove, safety, None)
                    }),
            );
        }
        return;
    };
    let menu = headline.filter(|&place| is_menu(&head[..place]));
    for (place, line) in head.iter().enumerate() {
        let furniture = menu.is_some_and(|headline| {
            place < headline
                || (line.span.end < body.span.start
                    && line.is_label()
                    && line.words() <= BUTTON_WORDS)
        });
        let safety = match found.iter().find(|(found, _)| *found == place) {
            _ if furniture => Safety::Safe,
            Some(&(_, safety)) => safety,
            None => continue,
        };
        if !overlaps(input.removed, line.span) {
            findings.push(finding(
                RULE.clone(),
                line.span,
                Action::Remove,
                safety,
                None,
            ));
        }
    }
}

/// Whether the lines above a headline are the menus of its page: many, and of few words each.
fn is_menu(lines: &[Line<'_>]) -> bool {
    lines.len() >= MENU_LINES
        && lines.iter().map(|line| line.words()).sum::<usize>() <= MENU_WORDS * lines.len()
}

/// Whether a line that resembles the title is a headline and no sentence: a question and a cry may be either.
fn is_headline(line: Line<'_>) -> bool {
    (3..30).contains(&line.words())
        && !matches!(
            line.last_mark(),
            None | Some('.' | ',' | ';' | '。' | '।' | '۔')
        )
        && !holds_sentence(line.text)
}

/// Whether a sentence ends inside the line: a full stop behind a word in small letters, and a capital behind it.
fn holds_sentence(text: &str) -> bool {
    text.match_indices(". ").any(|(at, stop)| {
        let small = text[..at]
            .chars()
            .rev()
            .take_while(|c| c.is_lowercase())
            .count();
        small >= 4 && text[at + stop.len()..].starts_with(char::is_uppercase)
    })
}

/// Whether two lines can have the same words: as many letters and digits, where both are ASCII.
fn may_say_the_same(one: &str, two: &str) -> bool {
    let count = |line: &str| line.bytes().filter(u8::is_ascii_alphanumeric).count();
    !(one.is_ascii() && two.is_ascii()) || count(one) == count(two)
}

/// Without a title, a first line that a later line of the head repeats is one, and goes on request.
fn untitled(input: Input<'_>, findings: &mut Vec<Finding>) {
    let mut lines = lines(input.text)
        .filter(|line| !overlaps(input.removed, line.span))
        .take(UNTITLED_LINES);
    let Some(first) = lines
        .next()
        .filter(|line| line.is_label() && line.count_words(UNTITLED_WORDS) == UNTITLED_WORDS)
    else {
        return;
    };
    // Folding is dear, and few lines have as many letters as the first.
    let mut title = None;
    let again = lines
        .take_while(|line| !line.is_paragraph())
        .filter(|line| may_say_the_same(first.text, line.text))
        .find(|line| key(line.text) == *title.get_or_insert_with(|| key(first.text)));
    if let Some(again) = again {
        let mut found = finding(
            RULE.clone(),
            first.span,
            Action::Remove,
            Safety::Review,
            None,
        );
        found.evidence.push(again.span);
        findings.push(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "The council met on Tuesday night and put the vote off for a third time.\nIt will meet again in May.";

    fn cut(title: Option<&str>, head: &str) -> Vec<(String, Safety)> {
        let text = format!("{head}\n\n{BODY}");
        let mut findings = Vec::new();
        RepeatedTitle.detect(
            Input {
                title,
                ..Input::of(&text)
            },
            &mut findings,
        );
        findings
            .iter()
            .map(|finding| (text[finding.cut.range()].to_owned(), finding.safety))
            .collect()
    }

    fn safe(lines: &[&str]) -> Vec<(String, Safety)> {
        lines
            .iter()
            .map(|line| ((*line).to_owned(), Safety::Safe))
            .collect()
    }

    #[test]
    fn the_title_goes() {
        let title = Some("Council puts off harbour vote - Port Herald");
        for head in [
            "Council puts off harbour vote",
            "COUNCIL PUTS OFF HARBOUR VOTE",
            "Council puts off harbour vote - Port Herald",
            "Council puts off harbour vote | The Herald of Port",
            "Council again puts off harbour vote",
        ] {
            assert_eq!(cut(title, head), safe(&[head]), "{head}");
        }
        let near = "Citing storm and flood, council again puts off its harbour vote";
        assert_eq!(cut(title, near), [(near.to_owned(), Safety::Review)]);
        assert_eq!(
            cut(title, "Port Herald\nCouncil puts off harbour vote"),
            safe(&["Port Herald", "Council puts off harbour vote"])
        );
    }

    #[test]
    fn the_menus_of_a_page_go_with_its_headline() {
        let menu = [
            "Home",
            "News",
            "Sport",
            "Weather",
            "Jobs",
            "Log in",
            "Subscribe",
            "Today's paper",
        ];
        let head = format!("{}\nCouncil puts off harbour vote\nShare", menu.join("\n"));
        assert_eq!(
            cut(Some("Council puts off harbour vote"), &head).len(),
            menu.len() + 2
        );
        let contents = ["Who will run the ferries now, and who will pay for it"; 8].join("\n");
        let head = format!("{contents}\nCouncil puts off harbour vote");
        assert_eq!(
            cut(Some("Council puts off harbour vote"), &head),
            safe(&["Council puts off harbour vote"])
        );
    }

    #[test]
    fn a_title_cut_at_an_apostrophe_is_known() {
        assert_eq!(
            cut(Some("Mayor"), "Mayor's ally quits harbour board"),
            safe(&["Mayor's ally quits harbour board"])
        );
        assert_eq!(
            cut(
                Some("What the mayor said of"),
                "What the mayor said of 'idle' harbour"
            ),
            safe(&["What the mayor said of 'idle' harbour"])
        );
        assert_eq!(cut(Some("Mayor"), "Mayors quit harbour board"), []);
    }

    #[test]
    fn sentences_and_headings_stay() {
        let title = Some("Council puts off harbour vote");
        for head in [
            "The council puts off the harbour vote.",
            "Harbour",
            "What the council said",
            "Background\nThe harbour vote that the council puts off",
            "The harbour board is gone. Council puts off harbour vote again",
            "Council puts off harbour vote - The mayor must have watched in dismay as her allies left the room",
            "Today\n• Council puts off harbour vote\n• A dog sings",
        ] {
            assert_eq!(cut(title, head), [], "{head}");
        }
        let text = format!("{BODY}\nCouncil puts off harbour vote\n{BODY}");
        let mut findings = Vec::new();
        RepeatedTitle.detect(
            Input {
                title,
                ..Input::of(&text)
            },
            &mut findings,
        );
        assert_eq!(findings, []);
    }

    #[test]
    fn a_text_that_is_only_its_title_stays() {
        let mut findings = Vec::new();
        RepeatedTitle.detect(
            Input {
                title: Some("Storm"),
                ..Input::of("Storm")
            },
            &mut findings,
        );
        RepeatedTitle.detect(
            Input {
                title: Some("Storm"),
                ..Input::of("Storm\nStorm")
            },
            &mut findings,
        );
        assert_eq!(findings, []);
    }

    #[test]
    fn without_a_title_a_repeated_first_line_is_for_review() {
        assert_eq!(
            cut(
                None,
                "Council puts off harbour vote\nBy Ann Lee\nCouncil Puts Off Harbour Vote"
            ),
            [("Council puts off harbour vote".to_owned(), Safety::Review)]
        );
        assert_eq!(cut(None, "Council puts off harbour vote"), []);
    }
}
