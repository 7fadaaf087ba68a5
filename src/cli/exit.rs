//! How the command ends.

use std::process::ExitCode;

/// What an exit code tells the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All was done, and nothing needs attention.
    Success,
    /// All was done, and something was found (`lint`), would change (`clean --check`) or differs (`diff`).
    Found,
    /// Something failed, even if the rest was done.
    Failed,
}

impl Exit {
    /// `Found` if something was found.
    pub(crate) fn found(found: bool) -> Self {
        if found { Self::Found } else { Self::Success }
    }

    /// The graver of the two.
    pub(crate) fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Found => 1,
            Exit::Failed => 2,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn an_error_outweighs_a_find() {
        assert_eq!(Exit::Found.and(Exit::Failed), Exit::Failed);
        assert_eq!(Exit::Found.and(Exit::Success), Exit::Found);
    }
}
