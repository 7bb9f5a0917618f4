//! Who may use the processes and the memory when several artifacts are
//! analysed.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The turns of artifacts, which are numbered from 0: one begins when all
/// before it have nothing left to hand out, and all together never use more
/// processes and memory than there may be.
#[derive(Debug)]
pub struct Turns {
    processes: usize,
    memory: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many processes work.
    working: usize,
    /// The memory that they are expected to use, in bytes.
    in_use: u64,
    /// Artifacts with nothing left to hand out.
    drained: BTreeSet<usize>,
    /// Artifacts that are done.
    done: BTreeSet<usize>,
}

impl Turns {
    /// Turns over this many processes and this much memory, in bytes.
    #[must_use]
    pub fn new(processes: usize, memory: u64) -> Self {
        Self {
            processes: processes.max(1),
            memory,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// The turn of an artifact. It is over when this is dropped.
    #[must_use]
    pub fn turn(&self, at: usize) -> Turn<'_> {
        Turn { turns: self, at }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn of one artifact.
#[derive(Debug)]
pub struct Turn<'t> {
    turns: &'t Turns,
    at: usize,
}

impl Turn<'_> {
    /// Waits until it is this artifact's turn.
    pub(crate) fn begin(&self) {
        let mut state = self.turns.state();
        while !(0..self.at).all(|before| state.drained.contains(&before)) {
            state = self.turns.wait(state);
        }
    }

    /// Takes the last thing of a queue that fits into the memory that is
    /// free, and a process for it, which is given back on drop; waits where
    /// there is none. What alone needs more than there may be is taken when
    /// nothing else works. None when nothing is left: the next artifact
    /// begins while the last things of this one are worked on.
    pub(crate) fn take<T>(
        &self,
        queue: &Mutex<Vec<T>>,
        memory_of: impl Fn(&T) -> u64,
    ) -> Option<(T, Process<'_>)> {
        let Turns {
            processes, memory, ..
        } = *self.turns;
        let mut state = self.turns.state();
        loop {
            let mut left = queue.lock().unwrap_or_else(PoisonError::into_inner);
            let free = memory.saturating_sub(state.in_use);
            let fitting = if state.working == 0 {
                left.iter()
                    .rposition(|thing| memory_of(thing) <= free)
                    .or(left.len().checked_sub(1))
            } else if state.working < processes {
                left.iter().rposition(|thing| memory_of(thing) <= free)
            } else {
                None
            };
            let taken = fitting.map(|index| left.remove(index));
            if left.is_empty() && state.drained.insert(self.at) {
                self.turns.changed.notify_all();
            }
            if let Some(thing) = taken {
                let memory = memory_of(&thing);
                state.working = state.working.saturating_add(1);
                state.in_use = state.in_use.saturating_add(memory);
                let turns = self.turns;
                return Some((thing, Process { turns, memory }));
            }
            if left.is_empty() {
                return None;
            }
            drop(left);
            state = self.turns.wait(state);
        }
    }

    /// Whether all artifacts before this one are done.
    #[must_use]
    pub fn is_first(&self) -> bool {
        let state = self.turns.state();
        (0..self.at).all(|before| state.done.contains(&before))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.state();
        state.drained.insert(self.at);
        state.done.insert(self.at);
        drop(state);
        self.turns.changed.notify_all();
    }
}

/// The right to have one process work with so much memory, in bytes.
#[derive(Debug)]
pub(crate) struct Process<'t> {
    turns: &'t Turns,
    memory: u64,
}

impl Drop for Process<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.state();
        state.working = state.working.saturating_sub(1);
        state.in_use = state.in_use.saturating_sub(self.memory);
        drop(state);
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    fn itself(memory: &u64) -> u64 {
        *memory
    }

    #[test]
    fn the_next_begins_when_nothing_is_left_to_hand_out() {
        let turns = Turns::new(2, 10);
        let queue = Mutex::new(vec![1, 2]);
        let (tell, told) = channel();
        std::thread::scope(|scope| {
            let first = turns.turn(0);
            scope.spawn(|| {
                let second = turns.turn(1);
                second.begin();
                tell.send(second.is_first()).unwrap();
            });
            let working = first.take(&queue, itself);
            assert!(told.try_recv().is_err());
            let last = first.take(&queue, itself);
            assert!(!told.recv().unwrap(), "the first is not done");
            assert!(first.take(&queue, itself).is_none());
            drop((working, last));
        });
    }

    #[test]
    fn what_fits_is_taken_and_what_never_fits_alone() {
        let turns = Turns::new(3, 10);
        let turn = turns.turn(0);
        let queue = Mutex::new(vec![4, 5, 8, 20]);
        // 20 fits at no time, and 8 is the largest that does.
        assert_eq!(turn.take(&queue, itself).unwrap().0, 8);
        let both: Vec<_> = (0..2).map_while(|_| turn.take(&queue, itself)).collect();
        let taken: Vec<u64> = both.iter().map(|(memory, _)| *memory).collect();
        assert_eq!(taken, [5, 4]);
        drop(both);
        assert_eq!(turn.take(&queue, itself).unwrap().0, 20);
    }

    #[test]
    fn all_together_use_no_more_than_there_may_be() {
        let turns = Turns::new(2, 10);
        let working = AtomicU64::new(0);
        let most = AtomicU64::new(0);
        let memory = AtomicU64::new(0);
        let widest = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for at in 0..6 {
                let (turns, working, most) = (&turns, &working, &most);
                let (memory, widest) = (&memory, &widest);
                scope.spawn(move || {
                    let turn = turns.turn(at);
                    turn.begin();
                    let queue = Mutex::new((1..50).map(|n| n % 10).collect());
                    while let Some((needed, process)) = turn.take(&queue, itself) {
                        let now = working.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        let now = memory.fetch_add(needed, Ordering::SeqCst) + needed;
                        widest.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        working.fetch_sub(1, Ordering::SeqCst);
                        memory.fetch_sub(needed, Ordering::SeqCst);
                        drop(process);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert!(widest.load(Ordering::SeqCst) <= 10);
        assert!(turns.turn(6).is_first());
    }
}
