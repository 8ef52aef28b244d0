//! Asking for memory before it is needed.
//!
//! The one place in the graph kernels that calls what the compiler cannot check. A prefetch is a hint: it reads nothing, changes
//! nothing and never faults, whatever the address, so the function around it is safe.

/// Asks for the place of `row[i]`, which may lie beyond the row, to be brought near.
#[inline]
pub(super) fn prefetch<T>(row: &[T], i: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(unsafe_code, reason = "the intrinsic takes a raw pointer; prefetching halves the time of a peel")]
        // SAFETY: the pointer is made by wrapping arithmetic, which is always defined, and is not dereferenced: PREFETCHT0
        // is architecturally without effect on memory and registers and raises no fault for any address.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().wrapping_add(i).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (row, i);
}

#[cfg(test)]
mod tests {
    use super::prefetch;

    #[test]
    fn any_place_may_be_asked_for() {
        let row = [1_u64, 2, 3];
        for i in [0, 2, 3, 1 << 40, usize::MAX] {
            prefetch(&row, i);
        }
        prefetch::<u32>(&[], 0);
        assert_eq!(row, [1, 2, 3]);
    }
}
