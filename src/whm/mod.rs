//! What a server of WHM says and does about integration links, on the local
//! root and without one.

pub mod api;
