//! The words both sides speak: what the manifest asks for and what lies on
//! disk are read into these types. Nothing here does I/O, reads a clock or
//! knows where a file lives.

mod actual;
mod desired;
mod field;
mod form;
mod function;
mod group;
mod host;
mod icon;
mod link;
mod mask;
mod menu;
mod name;
mod order;
mod png;
mod reseller;
mod secret;
mod survey;
mod token;

pub use actual::{
    Account, ActualGroup, ActualLink, ActualUser, AdminConfig, FileKind, Folder, Found,
    GroupConfig, Lies, MenuFile, Obstacle, Ownership, Stamp, UserConfig,
};
pub use desired::{DesiredLink, DesiredToken, DesiredUser, TokenRef, Wanted};
pub use field::Field;
pub use form::{FormFields, FormShape, FormValue, LinkForms};
pub use function::Function;
pub use group::{Group, STOCK_GROUPS};
pub use host::{url_front, url_host};
pub use icon::{Icon, Picture, neutral_icon};
pub use link::{FieldValue, Link};
pub use mask::{masked, written_host};
pub use menu::MenuEntry;
pub use name::{AppName, GroupId, NameError, UserName};
pub use order::Order;
pub use png::{MAX_ICON_BYTES, MAX_ICON_SIDE, PngError, PngSize};
pub use reseller::{Customer, Reseller};
pub use secret::Secret;
pub use survey::{Look, Reading, Standing, Stray, StrayKind};
pub use token::FoundToken;
