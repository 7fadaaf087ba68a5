//! Compiled rules: templates folded and laid out for the scanner. Knows neither TOML nor the automaton.

mod wire;

use std::sync::Arc;

use crate::model::{
    Case, Form, Limit, PackInfo, Piece, Place, PlaceSet, Rule, RuleInfo, Safety, SafetyByPlace,
    Slot, Take, Template,
};
use crate::text::fold;

pub use wire::DatabaseError;

/// A checked, immutable set of compiled rules. Made by [`compile`](crate::compile) or read back from a file.
///
/// ```
/// let (pack, _) = descale::Pack::from_list("strings.txt", "Foo bar baz\n").unwrap();
/// let database = descale::compile(&[pack]).unwrap();
/// let bytes = database.to_bytes();
/// let again = descale::Database::from_bytes(&bytes)?;
/// assert_eq!(again.rules().count(), 1);
/// # Ok::<(), descale::DatabaseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Database {
    pub(crate) packs: Vec<PackInfo>,
    pub(crate) rules: Vec<CompiledRule>,
    pub(crate) forms: Vec<CompiledForm>,
}

/// What the scanner needs of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CompiledRule {
    pub(crate) info: Arc<RuleInfo>,
    pub(crate) lang: String,
    pub(crate) places: PlaceSet,
    pub(crate) take: Option<Take>,
    pub(crate) within: u32,
    pub(crate) case: Case,
    pub(crate) safety: SafetyByPlace,
    pub(crate) limit: Limit,
    pub(crate) sites: Vec<String>,
    pub(crate) unless: Vec<Pieces>,
    pub(crate) until: Vec<Pieces>,
}

/// One form of a rule's templates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CompiledForm {
    /// Its rule, as a place in [`Database::rules`].
    pub(crate) rule: u32,
    /// Its links.
    pub(crate) pieces: Pieces,
}

/// A form's links.
pub(crate) type Pieces = Vec<CompiledPiece>;

/// One link of a form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CompiledPiece {
    /// Text to be met.
    Literal(Literal),
    /// A slot.
    Slot(Slot),
}

/// A literal, folded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Literal {
    /// Folded bytes; blanks reduced to one, none at an end that touches a slot or the form's end.
    pub(crate) folded: Box<[u8]>,
    /// As written, when the rule's case is exact.
    pub(crate) written: Option<Box<str>>,
}

impl Database {
    /// Compiles rules. Rules are taken as checked: packs are read and checked by [`Pack`](crate::Pack).
    pub(crate) fn compile<'r>(
        packs: Vec<PackInfo>,
        rules: impl IntoIterator<Item = &'r Rule>,
    ) -> Self {
        let mut database = Self {
            packs,
            ..Self::default()
        };
        for rule in rules {
            database.add(rule);
        }
        database
    }

    fn add(&mut self, rule: &Rule) {
        let index = self.rules.len() as u32;
        let exact = rule.case == Case::Exact;
        let all = |templates: &[Template]| {
            templates
                .iter()
                .flat_map(|template| &template.forms)
                .map(|form| pieces(form, exact))
                .filter(|pieces| !pieces.is_empty())
                .collect()
        };
        for form in rule.text.iter().flat_map(|template| &template.forms) {
            let pieces = pieces(form, exact);
            if !pieces.is_empty() {
                self.forms.push(CompiledForm {
                    rule: index,
                    pieces,
                });
            }
        }
        self.rules.push(CompiledRule {
            info: Arc::new(RuleInfo {
                name: rule.name.clone(),
                version: rule.version.clone(),
                category: rule.category,
                why: rule.category.why().to_owned(),
            }),
            lang: rule.lang.clone(),
            places: rule.places,
            take: rule.take,
            within: rule.within,
            case: rule.case,
            safety: rule.safety,
            limit: rule.limit,
            sites: rule.sites.clone(),
            unless: all(&rule.unless),
            until: rule
                .until
                .iter()
                .flat_map(|template| &template.forms)
                .map(|form| self::pieces(form, exact))
                .collect(),
        });
    }

    /// The rules, in the order of their packs.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<RuleInfo>> {
        self.rules.iter().map(|rule| &rule.info)
    }

    /// The packs it was made of.
    #[must_use]
    pub fn packs(&self) -> &[PackInfo] {
        &self.packs
    }

    /// The longest literal of each form, folded, each once and sorted: what a program without slots would search for. For measuring beside it.
    #[doc(hidden)]
    #[must_use]
    pub fn literals(&self) -> Vec<String> {
        let mut literals: Vec<String> = self
            .forms
            .iter()
            .filter_map(|form| {
                let literals = form.pieces.iter().filter_map(|piece| match piece {
                    CompiledPiece::Literal(literal) => Some(&literal.folded),
                    CompiledPiece::Slot(_) => None,
                });
                literals.max_by_key(|folded| folded.len())
            })
            .map(|folded| String::from_utf8_lossy(folded).trim().to_owned())
            .filter(|literal| !literal.is_empty())
            .collect();
        literals.sort();
        literals.dedup();
        literals
    }

    /// Whether it holds no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Adds the rules of `other` behind its own.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let shift = self.rules.len() as u32;
        self.packs.extend(other.packs);
        self.rules.extend(other.rules);
        self.forms
            .extend(other.forms.into_iter().map(|form| CompiledForm {
                rule: form.rule + shift,
                ..form
            }));
        self
    }

    /// The packs whose id `keep` accepts, and their rules. A rule's name begins with the id of its pack.
    pub(crate) fn of_packs(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.packs.retain(|pack| keep(&pack.id));
        self.filter(|rule| {
            rule.info
                .name
                .rsplit_once('/')
                .is_some_and(|(pack, _)| keep(pack))
        })
    }

    /// The same without the rules that `keep` refuses.
    pub(crate) fn filter(mut self, keep: impl Fn(&CompiledRule) -> bool) -> Self {
        let mut places = vec![None; self.rules.len()];
        let mut kept = Vec::with_capacity(self.rules.len());
        for (place, rule) in places.iter_mut().zip(std::mem::take(&mut self.rules)) {
            if keep(&rule) {
                *place = Some(kept.len() as u32);
                kept.push(rule);
            }
        }
        self.rules = kept;
        self.forms
            .retain_mut(|form| match places[form.rule as usize] {
                Some(place) => {
                    form.rule = place;
                    true
                }
                None => false,
            });
        self
    }
}

impl CompiledRule {
    /// What goes when the rule matched at `place`.
    pub(crate) fn take_at(&self, place: Place) -> Take {
        self.take.unwrap_or(match place {
            Place::Line => Take::Line,
            Place::Tail => Take::ToEnd,
            Place::LineStart | Place::LineEnd | Place::Inline => Take::Match,
        })
    }

    /// Whether the rule may act on a document of `site`. A rule with hosts does not act where the site is unknown.
    pub(crate) fn fits_site(&self, site: Option<&str>) -> bool {
        self.sites.is_empty()
            || site.is_some_and(|site| {
                self.sites.iter().any(|host| {
                    site.strip_suffix(host.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                })
            })
    }

    /// Whether the rule may act on a document in `lang`. Rules without a language, and those of documents without one, always may.
    pub(crate) fn fits_lang(&self, lang: Option<&str>) -> bool {
        self.lang.is_empty() || lang.is_none_or(|lang| speaks(&self.lang, lang))
    }

    /// Its safety at `place`.
    pub(crate) fn safety_at(&self, place: Place) -> Safety {
        self.safety.at(place)
    }
}

/// Whether rules in the language `own` are for `wanted` (BCP 47): equal, or one a narrower form of the other (`zh` and `zh-Hant`).
pub(crate) fn speaks(own: &str, wanted: &str) -> bool {
    let narrower = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('-'));
    own == wanted || narrower(own, wanted) || narrower(wanted, own)
}

/// Folds a form. Blanks beside a slot and at the ends are dropped: the matcher skips blanks there.
fn pieces(form: &Form, exact: bool) -> Pieces {
    form.iter()
        .filter_map(|piece| match piece {
            Piece::Slot(slot) => Some(CompiledPiece::Slot(*slot)),
            Piece::Literal(text) => {
                let folded = fold::fold(text);
                (!folded.is_empty()).then(|| {
                    CompiledPiece::Literal(Literal {
                        folded: folded.into_bytes().into_boxed_slice(),
                        written: exact.then(|| text.trim().into()),
                    })
                })
            }
        })
        .collect()
}
