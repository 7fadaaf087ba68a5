//! Pure helpers over text: the one folding, lines, edges, sentences. They know nothing of rules or findings.

pub(crate) mod blocks;
pub(crate) mod edges;
pub(crate) mod fold;
pub(crate) mod lexicon;
pub(crate) mod lines;
pub(crate) mod sentences;
pub(crate) mod slots;
