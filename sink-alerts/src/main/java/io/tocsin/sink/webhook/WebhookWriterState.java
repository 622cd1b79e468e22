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
package io.tocsin.sink.webhook;

import io.tocsin.sink.deadletter.DeadLetter;
import java.util.List;

/**
 * All that a checkpoint keeps of a {@link WebhookSink}: what is not delivered, and the dead letters
 * not yet handed on. No URL, header or secret.
 */
public final class WebhookWriterState {
    private final List<LaneState> lanes;
    private final List<DeadLetter> deadLetters;

    WebhookWriterState(List<LaneState> lanes, List<DeadLetter> deadLetters) {
        this.lanes = List.copyOf(lanes);
        this.deadLetters = List.copyOf(deadLetters);
    }

    List<LaneState> lanes() {
        return lanes;
    }

    List<DeadLetter> deadLetters() {
        return deadLetters;
    }
}
