//! The verbs, each a plain function over the locked state.

mod admit;
mod binding;
mod create;
mod delete;
mod eviction;
mod list;
mod list_options;
mod patch;
mod scale;
mod update;
mod watch;

pub(crate) use self::admit::Written;
pub(crate) use self::binding::bind;
pub(crate) use self::create::create;
pub(crate) use self::delete::{DeleteOptions, Deletion, delete_collection, delete_object};
pub(crate) use self::eviction::evict;
pub(crate) use self::list::list;
pub(crate) use self::patch::patch;
pub(crate) use self::scale::{get_scale, patch_scale, put_scale};
pub(crate) use self::update::{Part, update};
pub(crate) use self::watch::watch;
