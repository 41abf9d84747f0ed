//! The library itself, as the process has loaded it.

/// Keeps the library in memory until the process ends, for a thread that cannot be stopped.
#[cfg(unix)]
pub(crate) fn stay_loaded() {
    let address = stay_loaded as fn() as *const libc::c_void;
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `address` is in this library, and `info` is written before it is read, as the result tells.
    unsafe {
        if libc::dladdr(address, info.as_mut_ptr()) != 0 {
            libc::dlopen(
                info.assume_init().dli_fname,
                libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE,
            );
        }
    }
}

/// Keeps the library in memory until the process ends, for a thread that cannot be stopped.
#[cfg(windows)]
pub(crate) fn stay_loaded() {
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };

    let address = stay_loaded as fn() as *const u16;
    let mut module = std::ptr::null_mut();
    // SAFETY: with FROM_ADDRESS the name is an address in this library, and the handle is only written.
    unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
            address,
            &mut module,
        );
    }
}
