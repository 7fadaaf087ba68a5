//! An open document: its text, what was found in it, and what can be done about it.

use std::collections::HashMap;

use descale::format::InputFormat;
use descale::format::encoding::Encoding;
use descale::format::plain::Masked;
use descale::lint::MisuseKind;
use descale::report::what_clean_does;
use descale::{Action, Document, Finding, Safety, Severity};
use lsp_types::{
    CodeAction, CodeActionKind, Diagnostic, DiagnosticSeverity, DiagnosticTag, Hover,
    HoverContents, MarkupContent, MarkupKind, NumberOrString, TextEdit, Uri, WorkspaceEdit,
};

use super::super::look::{self, Eye, Lint, Looked};
use super::rules::Rules;
use super::text::{Text, Unit};

/// What diagnostics say they come from.
const SOURCE: &str = "descale";

/// An open document.
pub(super) struct Open {
    uri: Uri,
    /// As the client counts.
    pub(super) version: i32,
    pub(super) text: Text,
    format: InputFormat,
    /// What was found in the text as it is; `None` after a change.
    looked: Option<Looked>,
}

impl Open {
    pub(super) fn new(uri: Uri, language: &str, version: i32, text: String, unit: Unit) -> Self {
        // Editors name Markdown and its descendants variously; the ending tells those that have no name of their own.
        let ending = uri.path().as_str().rsplit('.').next().unwrap_or_default();
        let is_markdown = matches!(language, "markdown" | "mdx" | "quarto" | "rmd" | "pandoc")
            || InputFormat::of_extension(ending) == Some(InputFormat::Markdown);
        Self {
            uri,
            version,
            text: Text::new(text, unit),
            format: if is_markdown {
                InputFormat::Markdown
            } else {
                InputFormat::Text
            },
            looked: None,
        }
    }

    /// Its name.
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The text or the rules have changed.
    pub(super) fn forget(&mut self) {
        self.looked = None;
    }

    /// What stands in the text now, looked at when it was not before.
    fn looked(&mut self, rules: &Rules) -> &Looked {
        let (text, format) = (&self.text, self.format);
        self.looked
            .get_or_insert_with(|| look(text, format, rules, false, None))
    }

    /// What to show in the text.
    pub(super) fn diagnostics(&mut self, rules: &Rules) -> Vec<Diagnostic> {
        self.looked(rules);
        let Some(looked) = &self.looked else {
            return Vec::new();
        };
        let text = &self.text;
        let of_finding = |finding: &Finding| Diagnostic {
            range: text.range(finding.span.range()),
            severity: Some(match finding.severity() {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Note => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(finding.rule.name.clone())),
            source: Some(SOURCE.to_owned()),
            message: format!(
                "{} ({})\nclean: {}",
                finding.rule.why,
                finding.rule.category,
                what_clean_does(text.as_str(), finding)
            ),
            ..Diagnostic::default()
        };
        let misuses = looked.misuses.iter().map(|misuse| {
            let unused = matches!(misuse.kind, MisuseKind::Unused(_));
            Diagnostic {
                range: text.range(misuse.span.range()),
                severity: Some(if unused {
                    DiagnosticSeverity::HINT
                } else {
                    DiagnosticSeverity::ERROR
                }),
                code: Some(NumberOrString::String("ignore-comment".to_owned())),
                source: Some(SOURCE.to_owned()),
                message: misuse.kind.to_string(),
                tags: unused.then(|| vec![DiagnosticTag::UNNECESSARY]),
                ..Diagnostic::default()
            }
        });
        looked
            .findings
            .iter()
            .map(of_finding)
            .chain(misuses)
            .collect()
    }

    /// What a finding at a place is and where it comes from.
    pub(super) fn hover(&mut self, at: lsp_types::Position, rules: &Rules) -> Option<Hover> {
        let offset = self.text.offset(at);
        self.looked(rules);
        let looked = self.looked.as_ref()?;
        let finding = (looked.findings.iter())
            .filter(|finding| finding.span.start <= offset && offset <= finding.span.end)
            .min_by_key(|finding| finding.span.len())?;
        let rule = &finding.rule;
        let value = format!(
            "**{}** · {} · {}\n\n{}\n\nclean: {}\n\n{}",
            rule.versioned(),
            rule.category,
            finding.safety,
            rule.why,
            what_clean_does(self.text.as_str(), finding),
            rules.source(&rule.name),
        );
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent {
                kind: MarkupKind::Markdown,
                value,
            }),
            range: Some(self.text.range(finding.span.range())),
        })
    }

    /// What can be done about the findings that touch a stretch of the text.
    pub(super) fn actions(
        &mut self,
        range: lsp_types::Range,
        wanted: &dyn Fn(&CodeActionKind) -> bool,
        rules: &Rules,
    ) -> Vec<CodeAction> {
        let stretch = self.text.offset(range.start)..self.text.offset(range.end);
        self.looked(rules);
        let Some(looked) = &self.looked else {
            return Vec::new();
        };
        let mut actions = Vec::new();
        let fixable =
            |finding: &Finding| finding.safety > Safety::Report && finding.action != Action::Report;
        if wanted(&CodeActionKind::QUICKFIX) {
            let touched = looked.findings.iter().filter(|finding| {
                finding.span.start <= stretch.end && stretch.start <= finding.span.end
            });
            for finding in touched {
                if fixable(finding) {
                    actions.extend(self.fixes(finding, &looked.findings, rules));
                }
                actions.push(self.ignore(finding));
            }
        }
        if wanted(&CodeActionKind::SOURCE_FIX_ALL) && looked.findings.iter().any(Finding::applies) {
            let edits = self.edits(rules, None);
            let kind = CodeActionKind::new("source.fixAll.descale");
            actions.extend(self.action("descale: mend all that is sure", kind, None, edits));
        }
        actions
    }

    /// The ways to mend a finding: it alone, all of its rule, all.
    fn fixes(&self, finding: &Finding, all: &[Finding], rules: &Rules) -> Vec<CodeAction> {
        let name = &finding.rule.name;
        let is_this =
            |other: &Finding| other.span == finding.span && other.rule.name == finding.rule.name;
        let mut actions = Vec::new();
        let title = match &finding.action {
            Action::Replace(new) => format!("Write “{new}”"),
            _ => "Remove this".to_owned(),
        };
        let kind = || CodeActionKind::QUICKFIX;
        let edits = self.edits(rules, Some(&is_this));
        if let Some(mut action) = self.action(&title, kind(), Some(finding), edits) {
            action.is_preferred = Some(true);
            actions.push(action);
        }
        if all.iter().filter(|other| other.rule.name == *name).count() > 1 {
            let of_rule = |other: &Finding| other.rule.name == *name;
            let edits = self.edits(rules, Some(&of_rule));
            let title = format!("Mend all of {name} in this file");
            actions.extend(self.action(&title, kind(), Some(finding), edits));
        }
        if all.iter().filter(|other| other.applies()).count() > 1 {
            let edits = self.edits(rules, None);
            let title = "Mend all that is sure in this file";
            actions.extend(self.action(title, kind(), Some(finding), edits));
        }
        actions
    }

    /// The changes that mend what `only` names, whatever its tier; without it, those that `lint --fix` makes.
    fn edits(&self, rules: &Rules, only: Option<&dyn Fn(&Finding) -> bool>) -> Vec<TextEdit> {
        let looked = look(&self.text, self.format, rules, true, only);
        looked
            .changes()
            .map(|(range, new)| TextEdit::new(self.text.range(range), new.to_owned()))
            .collect()
    }

    /// The action that inserts a comment behind the finding's first line.
    fn ignore(&self, finding: &Finding) -> CodeAction {
        let at = self.text.content_end(finding.span.start);
        let name = &finding.rule.name;
        let comment = if self.format == InputFormat::Markdown {
            format!(" <!-- descale: ignore[{name}] -->")
        } else {
            format!("  descale: ignore[{name}]")
        };
        let edit = TextEdit::new(self.text.range(at..at), comment);
        let title = format!("Ignore {name} on this line");
        CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![self.named(finding)]),
            edit: Some(self.workspace_edit(vec![edit])),
            ..CodeAction::default()
        }
    }

    /// An action that makes some edits; none when there are none to make.
    fn action(
        &self,
        title: &str,
        kind: CodeActionKind,
        finding: Option<&Finding>,
        edits: Vec<TextEdit>,
    ) -> Option<CodeAction> {
        if edits.is_empty() {
            return None;
        }
        Some(CodeAction {
            title: title.to_owned(),
            kind: Some(kind),
            diagnostics: finding.map(|finding| vec![self.named(finding)]),
            edit: Some(self.workspace_edit(edits)),
            ..CodeAction::default()
        })
    }

    /// Enough of a diagnostic for the client to know which one an action is for.
    fn named(&self, finding: &Finding) -> Diagnostic {
        Diagnostic {
            range: self.text.range(finding.span.range()),
            code: Some(NumberOrString::String(finding.rule.name.clone())),
            source: Some(SOURCE.to_owned()),
            message: finding.rule.why.clone(),
            ..Diagnostic::default()
        }
    }

    #[allow(
        clippy::mutable_key_type,
        reason = "the protocol's type for a map of edits has such keys"
    )]
    fn workspace_edit(&self, edits: Vec<TextEdit>) -> WorkspaceEdit {
        WorkspaceEdit {
            changes: Some(HashMap::from([(self.uri.clone(), edits)])),
            ..WorkspaceEdit::default()
        }
    }
}

/// Looks at a text with the linter's eyes. With `only`, what it names is acted on whatever its tier, and nothing else is.
fn look(
    text: &Text,
    format: InputFormat,
    rules: &Rules,
    edits: bool,
    only: Option<&dyn Fn(&Finding) -> bool>,
) -> Looked {
    let source = text.as_str();
    let eye = Eye {
        cleaner: if only.is_some() {
            &rules.reviewer
        } else {
            &rules.cleaner
        },
        lint: Some(Lint {
            baseline: rules.baseline.as_ref(),
            fix: false,
        }),
        only,
    };
    let masked = Masked::valid(source);
    let text = look::Text {
        document: Document {
            lang: rules.lang.as_deref(),
            site: rules.site.as_deref(),
            ..Document::new(source)
        },
        bytes: source.as_bytes(),
        masked: &masked,
        format,
        is_record: false,
        encoding: Encoding::Utf8,
    };
    look::look(&eye, &text, edits)
}
