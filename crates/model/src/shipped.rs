/// Files of a folder of `data/` that are part of the program, each with the
/// name that it has without its ending; used from a file in a crate's `src/`.
#[macro_export]
macro_rules! shipped {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!("../../../data/", $folder, "/", $name, ".toml")),
        )),+]
    };
}
