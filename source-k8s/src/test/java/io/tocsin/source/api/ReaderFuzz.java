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
package io.tocsin.source.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tocsin.source.reader.Action;
import io.tocsin.source.reader.Call;
import io.tocsin.source.reader.ListWatch;
import io.tocsin.source.reader.ListWatchSettings;
import io.tocsin.source.reader.Moment;
import io.tocsin.source.split.Position;
import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What a server may answer: any bytes. A target for a coverage-guided fuzzer ({@code .ci/fuzz}) and
 * for {@link ReaderFuzzTest}.
 *
 * <p>Shows of each input: it is read to its end without any exception but {@link IOException};
 * nothing is kept beyond the bounds; what is told was said; and the position of the policy behind
 * it never passes what was not read.
 *
 * <p>First byte of an input: a watch or a list, status 200 or 410. Second: how the rest trickles
 * in.
 */
public final class ReaderFuzz {

    private static final Bounds BOUNDS = new Bounds(400, 60);
    private static final ObjectMapper BY_THE_BOOK =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final ResourceVersion START = new ResourceVersion("5");

    private ReaderFuzz() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] input) throws InterruptedException {
        if (input.length < 2) {
            return;
        }
        byte[] body = Arrays.copyOfRange(input, 2, input.length);
        Trickle in = new Trickle(body, new Random(input[1]), 1 + (input[1] & 63));
        int status = (input[0] & 2) == 0 ? 200 : 410;
        AnswerReader.Head head = new AnswerReader.Head(status, "application/json", null, null);
        if ((input[0] & 1) == 0) {
            watch(head, in, body);
        } else {
            list(head, in);
        }
    }

    private static void watch(AnswerReader.Head head, Trickle in, byte[] body)
            throws InterruptedException {
        Policy policy = new Policy(Position.initial().listed(START, 0, List.of()));
        policy.call(Call.Probe.class);
        policy.on(new Signal.Page(START.value(), null, 0, 0, true, null, null));
        policy.call(Call.Watch.class);
        policy.lines = lines(body);
        end(() -> new AnswerReader(BOUNDS, policy, () -> {}, () -> 0).watch(head, in), policy);
    }

    private static void list(AnswerReader.Head head, Trickle in) throws InterruptedException {
        Policy policy = new Policy(Position.initial());
        policy.call(Call.List.class);
        Signal end =
                end(
                        () -> new AnswerReader(BOUNDS, policy, () -> {}, () -> 0).list(head, in),
                        policy);
        boolean complete = end instanceof Signal.Page && policy.malformed == 0;
        require(
                complete || policy.position().version().isNone(),
                "a list that was not read whole moved the version: " + end);
    }

    private interface Answer {
        Signal read() throws IOException, InterruptedException;
    }

    private static Signal end(Answer answer, Policy policy) throws InterruptedException {
        Signal end;
        try {
            end = answer.read();
        } catch (IOException e) {
            end = new Signal.Closed(Signal.Closed.Cause.BROKEN, 0, 0, e.getMessage());
        }
        policy.on(end);
        return end;
    }

    /** The complete lines that are not blank, by the book. */
    private static List<byte[]> lines(byte[] body) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < body.length; i++) {
            if (body[i] == '\n') {
                byte[] line = Arrays.copyOfRange(body, start, i);
                start = i + 1;
                boolean blank = true;
                for (byte b : line) {
                    blank &= b == ' ' || b == '\r' || b == '\t';
                }
                if (!blank || line.length > BOUNDS.objectBytes()) {
                    lines.add(line);
                }
            }
        }
        return lines;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** The real policy, watched at each signal. */
    private static final class Policy implements ResourceApi.Handler {

        private final ListWatch policy;
        private List<byte[]> lines;
        private int line;
        private int malformed;

        Policy(Position position) {
            policy = new ListWatch(ListWatchSettings.defaults(), position);
        }

        void call(Class<? extends Call> expected) {
            Call call = policy.next(moment(), new ArrayList<>());
            require(expected.isInstance(call), "asked for " + call);
        }

        Position position() {
            return policy.position();
        }

        @Override
        public boolean wants(String namespace, String name, String resourceVersion) {
            return policy.wants(namespace, name, resourceVersion);
        }

        @Override
        public void on(Signal signal) {
            Position before = policy.position();
            policy.on(signal, moment(), new ArrayList<Action>());
            boolean moved = !before.version().equals(policy.position().version());
            if (signal instanceof Signal.Malformed told) {
                malformed++;
                require(!moved, "moved over what is malformed");
                require(told.raw().length <= BOUNDS.rawBytes(), "kept more than the bound");
                require(!told.reason().isBlank(), "no reason");
            }
            if (lines != null && isLine(signal)) {
                compare(signal, moved, lines.get(line++));
            }
        }

        private static boolean isLine(Signal signal) {
            return signal instanceof Signal.Upserted
                    || signal instanceof Signal.Deleted
                    || signal instanceof Signal.Bookmark
                    || signal instanceof Signal.Malformed;
        }

        private void compare(Signal signal, boolean moved, byte[] said) {
            require(!moved || malformed == 0, "moved behind a line that was not read");
            boolean sound = said.length <= BOUNDS.objectBytes() && isJson(said);
            require(sound || !moved, "moved by what is no JSON");
            ObjectVersion object =
                    signal instanceof Signal.Upserted upserted
                            ? upserted.object()
                            : signal instanceof Signal.Deleted deleted ? deleted.object() : null;
            JsonNode node = object == null || !sound ? null : tree(said);
            if (object != null) {
                require(sound, "told what is no JSON");
            }
            if (node != null) {
                require(node.get("object").equals(tree(object.json())), "told another object");
                require(
                        node.at("/object/metadata/resourceVersion")
                                .asText()
                                .equals(object.resourceVersion()),
                        "told another version");
            }
        }

        private static Moment moment() {
            return new Moment(0, 0, 0.5);
        }
    }

    /**
     * Jackson fills names up with bytes FF, which UTF-8 never has, and so takes such a byte of a
     * name it has met before for nothing at all.
     */
    private static byte[] withoutPadding(byte[] bytes) {
        byte[] kept = new byte[bytes.length];
        int length = 0;
        for (byte b : bytes) {
            if (b != (byte) 0xff) {
                kept[length++] = b;
            }
        }
        return Arrays.copyOf(kept, length);
    }

    private static boolean isJson(byte[] bytes) {
        try (JsonParser parser = new JsonFactory().createParser(withoutPadding(bytes))) {
            int roots = 0;
            while (parser.nextToken() != null) {
                roots += parser.getParsingContext().inRoot() ? 1 : 0;
            }
            return roots > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Null where databind does not like what streaming does, such as endless numbers. */
    private static JsonNode tree(byte[] bytes) {
        try {
            return BY_THE_BOOK.readTree(withoutPadding(bytes));
        } catch (IOException e) {
            return null;
        }
    }
}
