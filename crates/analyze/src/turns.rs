//! Who may use the processes when several artifacts are analysed.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The turns of artifacts, which are numbered from 0: one begins when all
/// before it have nothing left to hand out, and all together never use more
/// processes than there may be.
#[derive(Debug)]
pub struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// How many processes may still work.
    free: usize,
    /// Artifacts with nothing left to hand out.
    drained: BTreeSet<usize>,
    /// Artifacts that are done.
    done: BTreeSet<usize>,
}

impl Turns {
    /// Turns over this many processes.
    #[must_use]
    pub fn new(processes: usize) -> Self {
        Self {
            state: Mutex::new(State {
                free: processes.max(1),
                drained: BTreeSet::new(),
                done: BTreeSet::new(),
            }),
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

    /// There is nothing left to hand out: what is still worked on goes on
    /// beside the next artifact.
    pub(crate) fn drained(&self) {
        self.turns.state().drained.insert(self.at);
        self.turns.changed.notify_all();
    }

    /// Waits for a process that may work, which is given back on drop.
    pub(crate) fn process(&self) -> Process<'_> {
        let mut state = self.turns.state();
        while state.free == 0 {
            state = self.turns.wait(state);
        }
        state.free = state.free.saturating_sub(1);
        Process(self.turns)
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

/// The right to have one process work.
#[derive(Debug)]
pub(crate) struct Process<'t>(&'t Turns);

impl Drop for Process<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.free = state.free.saturating_add(1);
        drop(state);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_next_begins_when_nothing_is_left_to_hand_out() {
        let turns = Turns::new(2);
        let (tell, told) = channel();
        std::thread::scope(|scope| {
            let first = turns.turn(0);
            scope.spawn(|| {
                let second = turns.turn(1);
                second.begin();
                tell.send(second.is_first()).unwrap();
            });
            let working = first.process();
            assert!(told.try_recv().is_err());
            first.drained();
            assert!(!told.recv().unwrap(), "the first is not done");
            drop(working);
        });
    }

    #[test]
    fn all_together_use_no_more_processes_than_there_may_be() {
        let turns = Turns::new(2);
        let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for at in 0..6 {
                let (turns, working, most) = (&turns, &working, &most);
                scope.spawn(move || {
                    let turn = turns.turn(at);
                    turn.begin();
                    turn.drained();
                    for _ in 0..50 {
                        let _process = turn.process();
                        let now = working.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        working.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert!(turns.turn(6).is_first());
    }
}
