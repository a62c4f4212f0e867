//! The rules: what can be wrong, how bad that is, and what it means for the
//! customer. The table in the README is this one.

use Grade::{Error, Note, Warning};

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A customer is hurt, or a secret is open.
    Error,
    /// Something is not as it should be.
    Warning,
    /// Worth knowing.
    Note,
}

impl Grade {
    /// All grades, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

macro_rules! rules {
    ($($rule:ident $id:literal $grade:ident $means:literal;)*) => {
        /// What can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $means] $rule,)*
        }

        impl Rule {
            /// All rules, in the order of the README.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];

            /// By what it is known; never changed once it was released.
            pub fn id(self) -> &'static str {
                match self { $(Self::$rule => $id,)* }
            }

            /// How bad it is.
            pub fn grade(self) -> Grade {
                match self { $(Self::$rule => $grade,)* }
            }

            /// What it means, in a sentence without its full stop.
            pub fn means(self) -> &'static str {
                match self { $(Self::$rule => $means,)* }
            }
        }
    };
}

rules! {
    TokenExposed "token-exposed" Error
        "others than root can read a token, and log in as the customer with it";
    OthersCanWrite "others-can-write" Error
        "others than root can change what customers see, and where tokens are sent";
    MenuUnreadable "menu-unreadable" Error
        "the panel cannot read a menu entry, which may end the customer's whole menu";
    MenuShape "menu-shape" Error
        "a menu entry is no array of one object: its link may not show, or the menu may end";
    MenuLeftover "menu-leftover" Error
        "the panel loads this file into the customer's menu, whatever its ending";
    MenuOrphan "menu-orphan" Error
        "an icon shows that no link stands behind: a click on it fails";
    MenuFileTwice "menu-file-twice" Error
        "two menu entries name one `file`: the later one wins, so a link does not show";
    UserconfigUnreadable "userconfig-unreadable" Error
        "the panel cannot read the link: a click on it fails";
    AdminconfigUnreadable "adminconfig-unreadable" Error
        "the panel cannot read the token: automatic log-in fails";
    AdminconfigMissing "adminconfig-missing" Error
        "a link that shows should log in, and its adminconfig is missing: log-in fails";
    NoDestination "no-destination" Error
        "a link has neither `url` nor `autologin_token_url`: it leads nowhere";
    Obstacle "obstacle" Error
        "something else lies where a file or folder should be";
    Unreadable "unreadable" Error
        "it could not be read, so nothing is known of what is in it";
    InterruptedRun "interrupted-run" Error
        "a run of cplinks was cut off: links may be half done, and were not looked at";
    StateUnreadable "state-unreadable" Error
        "what cplinks remembers cannot be read, so every plan and apply stops";

    StateLost "state-lost" Warning
        "what cplinks remembers is gone: it does not know which links are its own";
    StateKey "state-key" Warning
        "the key of what cplinks remembers is not the right one: drift cannot be told";
    TokenMissing "token-missing" Warning
        "a link should log in and has no token: whoever is asked may refuse";
    PlainLogin "plain-login" Warning
        "a token is sent unencrypted: whoever listens can log in as the customer";
    OtherName "other-name" Warning
        "a link states another user or app than its own, and log-in sends that: it may be somebody else's";
    SecretOrphan "secret-orphan" Warning
        "a token lies there that no link uses";
    LinkNotShown "link-not-shown" Warning
        "a link that should show has no menu entry: the customer does not see it";
    HideDiffers "hide-differs" Warning
        "a link is hidden and shows all the same, or the other way round";
    MenuDiffers "menu-differs" Warning
        "a menu entry is not what its own link or group makes it: the customer sees something else";
    MenuFile "menu-file" Warning
        "a menu entry's `file` is not its own name: it may replace another icon";
    MenuSize "menu-size" Warning
        "a menu entry's width or height is no size: its icon may not be drawn";
    NotStrict "not-strict" Warning
        "the panel reads this file, and no strict reader does: cplinks takes it for broken";
    ListedLeftover "listed-leftover" Warning
        "the panel lists this leftover as an app of the customer";
    GroupIncomplete "group-incomplete" Warning
        "one of a menu group's two files is missing or broken: its heading may not show";
    Label "label" Warning
        "a label holds a character that the panel takes for something else: it is cut or changed";
    IconPlus "icon-plus" Warning
        "an icon's base64 has spaces for `+`, as an unescaped API call leaves it: it is damaged";
    IconDamaged "icon-damaged" Warning
        "an icon is no whole PNG: the customer sees a gap";
    Mode "mode" Warning
        "a mode is not the one that cPanel gives: the panel may not be able to read it";
    Owner "owner" Warning
        "an owner is not the one that cPanel gives: the panel may not be able to read it";
    NoAccount "no-account" Warning
        "the account is gone, its links and tokens are not: a new account of that name gets them";
    AccountNotKnown "account-not-known" Warning
        "whether there is such an account could not be found out";

    MenuSizeDiffers "menu-size-differs" Note
        "an icon's size is not that of most others in this menu, as after a change of theme";
    GroupUnknown "group-unknown" Note
        "a link is in a group that is neither the panel's nor the customer's";
    OddName "odd-name" Note
        "a link or group has a name that cplinks does not handle: it is left alone";
    Leftover "leftover" Note
        "a file that nobody reads";
    StrayInTree "stray-in-tree" Note
        "no account can have this name, so no panel reads what lies there";
    FolderAlone "folder-alone" Note
        "the customer has a folder in one tree and none in the other";
    OwnedGone "owned-gone" Note
        "a link or group of cplinks' own is on the disk no more";
    PauseStale "pause-stale" Note
        "a pause is of users that are not there";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_grades_stand_in_order() {
        let ids: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
        assert!(Rule::ALL.is_sorted_by_key(|rule| rule.grade()));
        for rule in Rule::ALL {
            let is_kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(rule.id().chars().all(is_kebab), "{rule:?}");
            assert!(!rule.means().ends_with('.'), "{rule:?}");
        }
    }
}
