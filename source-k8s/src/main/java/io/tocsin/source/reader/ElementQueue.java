/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.tocsin.source.reader;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hands elements from the drivers of the splits to the fetcher thread, bounded by count and bytes.
 *
 * <p>Each split has a lane of its own with its share of the bounds, so that a paused or busy split
 * never holds up another. An element always fits into an empty lane. Thread-safe.
 */
final class ElementQueue {

    private static final int MAX_BATCH = 1_000;
    private static final int MIN_LANE_ELEMENTS = 16;

    private final int maxElements;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition drained = lock.newCondition();

    /** In the order in which they are served. Guarded by lock. */
    private final Map<String, Lane> lanes = new LinkedHashMap<>();

    private Throwable failure;
    private boolean awake;

    ElementQueue(int maxElements, long maxBytes) {
        this.maxElements = maxElements;
        this.maxBytes = maxBytes;
    }

    /** What one split has to give. */
    record Batch(String splitId, List<Element> elements, boolean finished) {}

    private static final class Lane {
        private final ArrayDeque<Element> elements = new ArrayDeque<>();
        private long bytes;
        private boolean paused;
        private boolean finished;

        boolean hasSomething() {
            return !paused && (finished || !elements.isEmpty());
        }
    }

    void open(String splitId) {
        lock.lock();
        try {
            lanes.put(splitId, new Lane());
        } finally {
            lock.unlock();
        }
    }

    /** Drops a split with what it holds; a driver that waits to put is let go. */
    void drop(String splitId) {
        lock.lock();
        try {
            lanes.remove(splitId);
            drained.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts an element, waiting for room.
     *
     * @return false if the split was dropped
     */
    boolean put(String splitId, Element element) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                Lane lane = lanes.get(splitId);
                if (lane == null) {
                    return false;
                }
                if (hasRoom(lane, element)) {
                    lane.elements.add(element);
                    lane.bytes += element.sizeBytes();
                    filled.signal();
                    return true;
                }
                drained.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom(Lane lane, Element element) {
        int share = Math.max(MIN_LANE_ELEMENTS, maxElements / lanes.size());
        return lane.elements.isEmpty()
                || lane.elements.size() < share
                        && lane.bytes + element.sizeBytes() <= maxBytes / lanes.size();
    }

    /** Nothing more comes for this split. */
    void finish(String splitId) {
        finish(splitId, null);
    }

    /**
     * Nothing more comes for this split.
     *
     * @param last put behind all else, whatever room there is; null for nothing
     */
    void finish(String splitId, Element last) {
        lock.lock();
        try {
            Lane lane = lanes.get(splitId);
            if (lane != null) {
                if (last != null) {
                    lane.elements.add(last);
                    lane.bytes += last.sizeBytes();
                }
                lane.finished = true;
                filled.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A driver cannot go on: the next {@link #take} throws. */
    void fail(Throwable cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Whether something waits to be taken, of any split. */
    int size() {
        lock.lock();
        try {
            return lanes.values().stream().mapToInt(lane -> lane.elements.size()).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that wait to be taken, of all splits. */
    long bytes() {
        lock.lock();
        try {
            return lanes.values().stream().mapToLong(lane -> lane.bytes).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Makes a waiting or the next {@link #take} return, with or without elements. */
    void wakeUp() {
        lock.lock();
        try {
            awake = true;
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    void pause(Set<String> pause, Set<String> resume) {
        lock.lock();
        try {
            setPaused(pause, true);
            setPaused(resume, false);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    private void setPaused(Set<String> splitIds, boolean paused) {
        for (String splitId : new LinkedHashSet<>(splitIds)) {
            Lane lane = lanes.get(splitId);
            if (lane != null) {
                lane.paused = paused;
            }
        }
    }

    /**
     * Takes what the next split has, waiting for it. A finished split's lane is closed with its
     * last batch.
     *
     * @return null after {@link #wakeUp}
     * @throws DriverFailedException if a driver failed
     */
    Batch take() throws InterruptedException, DriverFailedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (failure != null) {
                    throw new DriverFailedException(failure);
                }
                if (awake) {
                    awake = false;
                    return null;
                }
                for (Map.Entry<String, Lane> entry : lanes.entrySet()) {
                    if (entry.getValue().hasSomething()) {
                        return takeFrom(entry.getKey(), entry.getValue());
                    }
                }
                filled.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private Batch takeFrom(String splitId, Lane lane) {
        List<Element> batch = new ArrayList<>(Math.min(lane.elements.size(), MAX_BATCH));
        while (batch.size() < MAX_BATCH && !lane.elements.isEmpty()) {
            Element element = lane.elements.poll();
            lane.bytes -= element.sizeBytes();
            batch.add(element);
        }
        boolean finished = lane.finished && lane.elements.isEmpty();
        lanes.remove(splitId);
        if (!finished) {
            lanes.put(splitId, lane);
        }
        drained.signalAll();
        return new Batch(splitId, batch, finished);
    }

    /** A driver ended with an error. */
    static final class DriverFailedException extends Exception {
        DriverFailedException(Throwable cause) {
            super(cause);
        }
    }
}
