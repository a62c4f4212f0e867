//! Why a change is there.

/// Why a change is there, for people; nothing is decided from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing of it is on disk.
    New,
    /// It was on disk, and cplinks has no record of writing it.
    Adopt,
    /// Fields differ.
    Fields,
    /// The token differs.
    Token,
    /// A file has another mode or owner than it must have.
    Mode,
    /// The menu entry is missing or not what the link's own fields make it.
    Menu,
    /// A file does not parse, or one of the set is missing.
    Broken,
    /// It was hidden and is to show.
    Unhide,
    /// The manifest does not name it.
    Unlisted,
    /// The manifest says `hide`.
    DeclaredHidden,
    /// The manifest says `absent`.
    DeclaredAbsent,
    /// A run that changed it is undone.
    Undo,
}

impl Reason {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Adopt => "adopt",
            Self::Fields => "fields",
            Self::Token => "token",
            Self::Mode => "mode",
            Self::Menu => "menu",
            Self::Broken => "broken",
            Self::Unhide => "unhide",
            Self::Unlisted => "unlisted",
            Self::DeclaredHidden => "declared-hidden",
            Self::DeclaredAbsent => "declared-absent",
            Self::Undo => "undo",
        }
    }
}
