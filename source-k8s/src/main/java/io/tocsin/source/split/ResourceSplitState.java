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
package io.tocsin.source.split;

/**
 * A split while it is read, in the reader's task thread only: the position of what was emitted,
 * whether an end of blindness is owed, and what of its event time need not survive. Written by the
 * record emitter alone.
 */
public final class ResourceSplitState {

    /** No event time yet. */
    public static final long NO_TIME = Long.MIN_VALUE;

    private final ResourceSplit split;
    private Position position;
    private long maxTimestampMillis = NO_TIME;
    private long watermarkMillis = NO_TIME;
    private boolean announced;
    private boolean idle;
    private boolean lost;

    /** Starts at the split's position. */
    public ResourceSplitState(ResourceSplit split) {
        this.split = split;
        this.position = split.position();
        this.lost = split.lost();
    }

    /** The split as it would be checkpointed now. */
    public ResourceSplit toSplit() {
        return split.at(position).withLost(lost);
    }

    public ResourceSplit split() {
        return split;
    }

    public Position position() {
        return position;
    }

    /** Moves to where an emitted element led. The last contact never goes back. */
    public void moveTo(Position next) {
        position = next.withLastContact(position.lastContactMillis());
    }

    /** Everything written before this server time was emitted. */
    public void contactAt(long serverMillis) {
        position = position.withLastContact(serverMillis);
    }

    /** Greatest timestamp of an element that a watch told. */
    public long maxTimestampMillis() {
        return maxTimestampMillis;
    }

    /** Takes the timestamp of an element. */
    public void sawTimestamp(long millis) {
        maxTimestampMillis = Math.max(maxTimestampMillis, millis);
    }

    /** Watermark that was emitted last. */
    public long watermarkMillis() {
        return watermarkMillis;
    }

    /** A watermark was emitted. */
    public void emittedWatermark(long millis) {
        watermarkMillis = millis;
        announced = true;
        idle = false;
    }

    /** Whether event time was told of this split: a watermark, or that it is idle. */
    public boolean isAnnounced() {
        return announced;
    }

    /** Whether blindness was told, in this run or before, and its end was not yet. */
    public boolean isLost() {
        return lost;
    }

    /** Blindness was told, or its end. */
    public void toldLost(boolean nowLost) {
        lost = nowLost;
    }

    /** Whether the split is marked idle. */
    public boolean isIdle() {
        return idle;
    }

    /** The split was marked idle, or active. */
    public void markedIdle(boolean nowIdle) {
        idle = nowIdle;
        announced = true;
    }
}
