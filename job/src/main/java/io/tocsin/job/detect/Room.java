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
package io.tocsin.job.detect;

import io.tocsin.annotation.Pure;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds how many subjects of one place are remembered. An object's name has few objects and parts
 * one after the other; who writes events about a name with ever new uids must not fill memory.
 */
@Pure
final class Room {

    /** More subjects of one place are not remembered, marks of what was cleared included. */
    static final int MOST_SUBJECTS = 256;

    private Room() {}

    /**
     * Makes room for a subject: forgets the one of which nothing rings or waits, and of which
     * nothing was heard for longest.
     *
     * @return whether there is room
     */
    static boolean make(String subject, SubjectStore store) {
        Slot[] slots = store.slots();
        if (slots.length < MOST_SUBJECTS) {
            return true;
        }
        for (Slot slot : slots) {
            if (slot.subject().equals(subject)) {
                return true;
            }
        }
        Map<String, Long> lastHeard = new HashMap<>();
        for (Slot slot : slots) {
            lastHeard.merge(slot.subject(), lastHeard(slot), Math::max);
        }
        if (lastHeard.size() < MOST_SUBJECTS) {
            return true;
        }
        String oldest = null;
        long oldestMillis = Long.MAX_VALUE;
        for (Map.Entry<String, Long> each : lastHeard.entrySet()) {
            boolean tie = each.getValue() == oldestMillis && oldest != null;
            if (each.getValue() < oldestMillis || tie && each.getKey().compareTo(oldest) < 0) {
                oldest = each.getKey();
                oldestMillis = each.getValue();
            }
        }
        if (oldest == null) {
            return false;
        }
        for (Slot slot : slots) {
            if (slot.subject().equals(oldest)) {
                store.forget(slot);
            }
        }
        return true;
    }

    /** The time of what was heard last; {@code Long.MAX_VALUE} of what rings or waits. */
    private static long lastHeard(Slot slot) {
        return switch (slot.kind()) {
            case WINDOW -> slot.window().newest();
            case DISTINCT -> slot.distinct().newest();
            case ABSENCE -> Long.MAX_VALUE;
            case LIFECYCLE ->
                    slot.lifecycle().isOpen() ? Long.MAX_VALUE : slot.lifecycle().clearedMillis();
        };
    }
}
