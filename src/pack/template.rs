//! The grammar of templates: words, `(a|b)`, `[x]`, `{slot}`, `\` escapes.

use crate::model::{Form, Piece, Slot, Template};

/// The most forms one template may unfold to.
pub(crate) const MAX_FORMS: usize = 64;
/// The most bytes of a template.
pub(crate) const MAX_BYTES: usize = 1024;

/// Characters with a meaning in templates.
const SIGNS: [char; 8] = ['(', ')', '[', ']', '{', '}', '|', '\\'];

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateError {
    /// Where, in bytes of the template.
    pub(crate) at: usize,
    /// How many bytes are meant.
    pub(crate) len: usize,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl TemplateError {
    fn new(at: usize, len: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            at,
            len,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Reads a template and unfolds its alternatives.
pub(crate) fn parse(source: &str) -> Result<Template, TemplateError> {
    if source.len() > MAX_BYTES {
        return Err(TemplateError::new(
            0,
            1,
            format!(
                "this template has {} bytes, at most {MAX_BYTES} are allowed",
                source.len()
            ),
            "split it, or take its first and most telling words",
        ));
    }
    let mut parser = Parser { source, at: 0 };
    let mut forms: Vec<Form> = vec![Vec::new()];
    while let Some(c) = parser.peek() {
        match c {
            '(' => {
                let start = parser.at;
                let branches = parser.group('(', ')')?;
                forms = multiply(&forms, &branches, start)?;
            }
            '[' => {
                let start = parser.at;
                let mut branches = parser.group('[', ']')?;
                branches.push(Vec::new());
                forms = multiply(&forms, &branches, start)?;
            }
            ')' | ']' | '}' => {
                return Err(TemplateError::new(
                    parser.at,
                    1,
                    format!("this `{c}` closes nothing"),
                    format!("write `\\{c}` for the character itself, or open the group before it"),
                ));
            }
            '|' => {
                return Err(TemplateError::new(
                    parser.at,
                    1,
                    "this `|` stands outside a group",
                    "put the alternatives into `( | )`, or write `\\|` for the character itself",
                ));
            }
            _ => {
                let piece = parser.piece()?;
                for form in &mut forms {
                    append(form, piece.clone());
                }
            }
        }
    }
    let mut forms: Vec<Form> = forms
        .into_iter()
        .map(tidy)
        .filter(|form| !form.is_empty())
        .collect();
    forms.dedup();
    if forms.is_empty() {
        return Err(TemplateError::new(
            0,
            source.len().max(1),
            "this template is empty",
            "write the words that stand in the text",
        ));
    }
    Ok(Template {
        source: source.to_owned(),
        forms,
    })
}

/// Takes a string as it stands: nothing in it is grammar.
pub(crate) fn plain(source: &str) -> Template {
    Template {
        source: source.to_owned(),
        forms: vec![tidy(vec![Piece::Literal(source.to_owned())])],
    }
}

struct Parser<'s> {
    source: &'s str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    /// A character of plain text, escaped or not, or a slot.
    fn piece(&mut self) -> Result<Piece, TemplateError> {
        let c = self.peek().unwrap_or_default();
        let start = self.at;
        self.at += c.len_utf8();
        match c {
            '\\' => {
                let Some(plain) = self.peek() else {
                    return Err(TemplateError::new(
                        start,
                        1,
                        "this `\\` escapes nothing",
                        "write `\\\\` for a backslash",
                    ));
                };
                self.at += plain.len_utf8();
                Ok(Piece::Literal(plain.to_string()))
            }
            '{' => {
                let Some(len) = self.source[self.at..].find('}') else {
                    return Err(TemplateError::new(
                        start,
                        self.source.len() - start,
                        "this slot is never closed",
                        "put `}` behind its name, or write `\\{` for the character itself",
                    ));
                };
                let name = &self.source[self.at..self.at + len];
                let Some(slot) = Slot::parse(name) else {
                    let known: Vec<_> = Slot::ALL.iter().map(|slot| slot.name()).collect();
                    let help = match super::nearest(name, &known) {
                        Some(near) => format!("did you mean `{{{near}}}`?"),
                        None => format!("the slots are {}", known.join(", ")),
                    };
                    return Err(TemplateError::new(
                        start,
                        len + 2,
                        format!("there is no slot `{{{name}}}`"),
                        help,
                    ));
                };
                self.at += len + 1;
                Ok(Piece::Slot(slot))
            }
            _ => {
                // A run of plain text at once.
                let rest = &self.source[start..];
                let len = rest
                    .find(SIGNS)
                    .filter(|&len| len > 0)
                    .unwrap_or(rest.len());
                self.at = start + len;
                Ok(Piece::Literal(rest[..len].to_owned()))
            }
        }
    }

    /// The branches of the group that opens here.
    fn group(&mut self, open: char, close: char) -> Result<Vec<Form>, TemplateError> {
        let start = self.at;
        self.at += open.len_utf8();
        let mut branches = vec![Vec::new()];
        loop {
            match self.peek() {
                None => {
                    return Err(TemplateError::new(
                        start,
                        self.source.len() - start,
                        format!("this `{open}` is never closed"),
                        format!(
                            "put `{close}` behind the group, or write `\\{open}` for the character itself"
                        ),
                    ));
                }
                Some(c) if c == close => {
                    self.at += c.len_utf8();
                    return Ok(branches);
                }
                Some('|') => {
                    self.at += 1;
                    branches.push(Vec::new());
                }
                Some(c @ ('(' | '[' | ')' | ']')) => {
                    return Err(TemplateError::new(
                        self.at,
                        1,
                        "groups cannot stand inside groups",
                        format!(
                            "write the alternatives out as several templates, or `\\{c}` for the character itself"
                        ),
                    ));
                }
                Some(_) => {
                    let piece = self.piece()?;
                    if let Some(branch) = branches.last_mut() {
                        append(branch, piece);
                    }
                }
            }
        }
    }
}

fn multiply(forms: &[Form], branches: &[Form], at: usize) -> Result<Vec<Form>, TemplateError> {
    if forms.len() * branches.len() > MAX_FORMS {
        return Err(TemplateError::new(
            at,
            1,
            format!("this template unfolds to more than {MAX_FORMS} forms"),
            "split it into several templates of the rule",
        ));
    }
    let mut unfolded = Vec::with_capacity(forms.len() * branches.len());
    for form in forms {
        for branch in branches {
            let mut longer = form.clone();
            for piece in branch {
                append(&mut longer, piece.clone());
            }
            unfolded.push(longer);
        }
    }
    Ok(unfolded)
}

fn append(form: &mut Form, piece: Piece) {
    match (form.last_mut(), piece) {
        (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
        (_, piece) => form.push(piece),
    }
}

/// The text with one blank for every run of blanks.
fn one_blank(text: String) -> String {
    if text.is_ascii()
        && !text.contains("  ")
        && !text.contains(|c: char| c != ' ' && c.is_ascii_whitespace())
    {
        return text;
    }
    let mut words = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            words.push(c);
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words
}

/// One blank for every run of blanks, none at the form's ends, no empty literals.
fn tidy(form: Form) -> Form {
    let last = form.len().saturating_sub(1);
    let mut tidied = Form::with_capacity(form.len());
    for (index, piece) in form.into_iter().enumerate() {
        match piece {
            Piece::Slot(slot) => tidied.push(Piece::Slot(slot)),
            Piece::Literal(text) => {
                let mut words = one_blank(text);
                if index == 0 {
                    words.drain(..words.len() - words.trim_start().len());
                }
                if index == last {
                    words.truncate(words.trim_end().len());
                }
                if !words.is_empty() {
                    tidied.push(Piece::Literal(words));
                }
            }
        }
    }
    // An optional group at the end may have left a blank behind the last words.
    if let Some(Piece::Literal(text)) = tidied.last_mut() {
        text.truncate(text.trim_end().len());
        if text.is_empty() {
            tidied.pop();
        }
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(source: &str) -> Vec<String> {
        parse(source)
            .unwrap()
            .forms
            .iter()
            .map(|form| {
                form.iter()
                    .map(|piece| match piece {
                        Piece::Literal(text) => text.clone(),
                        Piece::Slot(slot) => format!("<{}>", slot.name()),
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn groups_unfold_and_blanks_settle() {
        assert_eq!(
            forms("continues below [this] ad"),
            ["continues below this ad", "continues below ad"]
        );
        assert_eq!(
            forms("(Story|Article) continues"),
            ["Story continues", "Article continues"]
        );
        assert_eq!(
            forms("By {name} [for {name}]"),
            ["By <name> for <name>", "By <name>"]
        );
        assert_eq!(forms(r"\[Ad\]"), ["[Ad]"]);
        assert_eq!(
            forms("Read more[:] {title}"),
            ["Read more: <title>", "Read more <title>"]
        );
    }

    #[test]
    fn errors_point_at_the_place() {
        for (source, at, words) in [
            ("Read {titel}", 5, "no slot"),
            ("Read {title", 5, "never closed"),
            ("Read (a|b", 5, "never closed"),
            ("a) b", 1, "closes nothing"),
            ("a | b", 2, "outside a group"),
            ("(a [b])", 3, "inside groups"),
            ("", 0, "empty"),
            ("[]", 0, "empty"),
            ("a\\", 1, "escapes nothing"),
            ("(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b)", 27, "more than 64"),
        ] {
            let error = parse(source).unwrap_err();
            assert_eq!(error.at, at, "{source}: {}", error.message);
            assert!(error.message.contains(words), "{source}: {}", error.message);
        }
    }
}
