//! Memory that a server gives back when a job is done.
//!
//! GNU's allocator raises by itself, up to 32 MB, from what size on an allocation is a mapping of its own that goes back to the system when it
//! is freed. An audit of a million followers frees hundreds of megabytes in pieces below that, which then stay with the process: over a
//! million followers, a million engagements and a hundred thousand orders a server held 449 MB after its answers were made and 629 MB at the
//! most; with the bound fixed it holds 280 MB, and 508 MB at the most (`cargo bench -p assay --bench serve`).

/// Allocations from this size on are mappings of their own, bytes.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM: i32 = 256 << 10;
/// Arenas of the allocator: one for jobs and one for requests suffice on few cores.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS_MAX: i32 = 2;

/// Has what is freed given back to the system. To be called before a server starts its threads; where the allocator is another, it does
/// nothing.
#[cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "a call into the C library; a fifth of the memory: see the head of the file")
)]
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (option, value) in
        [(libc::M_MMAP_THRESHOLD, MAPPED_FROM), (libc::M_TRIM_THRESHOLD, MAPPED_FROM), (libc::M_ARENA_MAX, ARENAS_MAX)]
    {
        // SAFETY: `mallopt` takes two numbers, sets one of the allocator's under the allocator's own lock, and touches no memory of
        // the program; a number that it does not take is left as it was.
        unsafe { libc::mallopt(option, value) };
    }
}
