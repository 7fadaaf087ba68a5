//! What is wrong with packs, drawn for people.

use annotate_snippets::{
    AnnotationKind, Level as Kind, Renderer, Snippet, normalize_untrusted_str,
};
use descale::{Diagnostic, Level};

use super::console::Console;

/// Prints diagnostics: all errors, and warnings if `warnings`. Answers how many errors there are.
pub(crate) fn print(diagnostics: &[Diagnostic], warnings: bool, console: &Console) -> usize {
    let renderer = if console.err_styles().is_plain() {
        Renderer::plain()
    } else {
        Renderer::styled()
    };
    for diagnostic in diagnostics {
        if diagnostic.level == Level::Error || warnings {
            console.raw(&render(diagnostic, &renderer));
        }
    }
    diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.level == Level::Error)
        .count()
}

fn render(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let kind = match diagnostic.level {
        Level::Error => Kind::ERROR,
        Level::Warning => Kind::WARNING,
    };
    let line = &diagnostic.source_line;
    let byte = |column: usize| {
        line.char_indices()
            .nth(column)
            .map_or(line.len(), |(at, _)| at)
    };
    let start = byte(diagnostic.column - 1);
    let end = byte(diagnostic.column - 1 + diagnostic.length).max(start);
    let snippet = Snippet::source(line.as_str())
        .line_start(diagnostic.line)
        .path(diagnostic.file.as_str())
        .annotation(AnnotationKind::Primary.span(start..end));
    let report = [kind
        .primary_title(normalize_untrusted_str(&diagnostic.message))
        .id(diagnostic.code)
        .element(snippet)
        .element(Kind::HELP.message(normalize_untrusted_str(&diagnostic.help)))];
    format!("{}\n\n", renderer.render(&report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_place_line_and_cure() {
        let diagnostic = Diagnostic {
            level: Level::Error,
            code: "unknown-key",
            file: "mine.toml".into(),
            line: 12,
            column: 3,
            source_line: "é catgory = 1".into(),
            length: 7,
            message: "unknown key `catgory`".into(),
            help: "did you mean `category`?".into(),
        };
        let text = render(&diagnostic, &Renderer::plain());
        assert_eq!(
            text,
            "error[unknown-key]: unknown key `catgory`
  --> mine.toml:12:3
   |
12 | é catgory = 1
   |   ^^^^^^^
   |
   = help: did you mean `category`?

"
        );
    }
}
