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
package io.tocsin.source.object;

import static io.tocsin.source.json.VersionReader.isArray;
import static io.tocsin.source.json.VersionReader.isObject;
import static io.tocsin.source.json.VersionReader.text;
import static io.tocsin.source.object.ObjectFields.MESSAGE_CHARS;
import static io.tocsin.source.object.ObjectFields.MOST_CONTAINERS;
import static io.tocsin.source.object.ObjectFields.TEXT_CHARS;

import io.tocsin.source.json.FieldNames;
import io.tocsin.source.json.JsonCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a pod's status tells of its containers, while it is read. */
final class Containers {

    private static final FieldNames CONTAINER =
            FieldNames.of("name", "restartCount", "state", "lastState");
    private static final FieldNames STATE = FieldNames.of("waiting", "running", "terminated");
    private static final FieldNames DETAIL =
            FieldNames.of("reason", "message", "exitCode", "startedAt", "finishedAt");

    private final ObjectFields object;
    private final List<ContainerState> inits = new ArrayList<>();
    private final List<ContainerState> others = new ArrayList<>();

    Containers(ObjectFields object) {
        this.object = object;
    }

    /** What one of three states tells; those that are not have none. */
    private static final class State {
        private String waiting;
        private String message;
        private long running;
        private ContainerEnd end;
    }

    /** Takes an array of container statuses. */
    void read(JsonCursor json, boolean init) throws IOException {
        if (!isArray(json)) {
            return;
        }
        List<ContainerState> all = init ? inits : others;
        while (json.nextElement()) {
            if (inits.size() + others.size() == MOST_CONTAINERS) {
                json.skip();
            } else if (isObject(json)) {
                ContainerState container = container(json, init);
                if (container != null) {
                    all.add(container);
                }
            }
        }
    }

    ContainerState[] all() {
        List<ContainerState> all = new ArrayList<>(inits);
        all.addAll(others);
        return all.toArray(ContainerState[]::new);
    }

    private ContainerState container(JsonCursor json, boolean init) throws IOException {
        String name = null;
        long restarts = 0;
        State state = new State();
        State last = new State();
        for (String field = json.nextField(CONTAINER);
                field != null;
                field = json.nextField(CONTAINER)) {
            switch (field) {
                case "name" -> name = text(json, TEXT_CHARS);
                case "restartCount" -> restarts = json.count();
                case "state" -> state = state(json);
                case "lastState" -> last = state(json);
                default -> json.skip();
            }
        }
        return name == null
                ? null
                : new ContainerState(
                        name,
                        init,
                        restarts,
                        state.waiting,
                        state.message,
                        state.running,
                        state.end,
                        last.end);
    }

    private State state(JsonCursor json) throws IOException {
        State state = new State();
        if (!isObject(json)) {
            return state;
        }
        for (String field = json.nextField(STATE); field != null; field = json.nextField(STATE)) {
            if (field.equals(FieldNames.OTHER)) {
                json.skip();
            } else if (isObject(json)) {
                detail(field, json, state);
            }
        }
        return state;
    }

    private void detail(String of, JsonCursor json, State state) throws IOException {
        String reason = null;
        String message = null;
        long exitCode = 0;
        long started = 0;
        long finished = 0;
        for (String field = json.nextField(DETAIL); field != null; field = json.nextField(DETAIL)) {
            switch (field) {
                case "reason" -> reason = text(json, TEXT_CHARS);
                case "message" -> message = text(json, MESSAGE_CHARS);
                case "exitCode" -> exitCode = json.integer();
                case "startedAt" -> started = object.time(json);
                case "finishedAt" -> finished = object.time(json);
                default -> json.skip();
            }
        }
        switch (of) {
            case "waiting" -> {
                state.waiting = reason;
                state.message = message;
            }
            case "running" -> state.running = Math.max(1, started);
            default -> state.end = new ContainerEnd(reason, exitCode, finished);
        }
    }
}
