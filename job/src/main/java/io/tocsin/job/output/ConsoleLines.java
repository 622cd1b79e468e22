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
package io.tocsin.job.output;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.model.Severity;
import io.tocsin.job.rule.Subject;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.event.ObjectReference;

/**
 * Lines for people: time, what happened, what it is about, and the alert's id in brackets (the same
 * again when a line is repeated after a crash). Control characters of the cluster's texts are
 * replaced, so that an event's note cannot steer a terminal.
 */
@Pure
public final class ConsoleLines implements LineFormat {
    private static final long serialVersionUID = 1L;

    private static final String RED = "\u001b[1;31m";
    private static final String YELLOW = "\u001b[1;33m";
    private static final String GREEN = "\u001b[1;32m";
    private static final String DIM = "\u001b[2m";
    private static final String RESET = "\u001b[0m";

    private final boolean coloured;

    /**
     * @param coloured whether to use ANSI colours
     */
    public ConsoleLines(boolean coloured) {
        this.coloured = coloured;
    }

    @Override
    public String alert(Alert alert) {
        String word;
        String colour;
        long time;
        switch (alert.status()) {
            case FIRING -> {
                word = alert.notice() ? "NOTICE  " : "FIRING  ";
                colour = alert.severity() == Severity.CRITICAL ? RED : YELLOW;
                time = alert.firedAtMillis();
            }
            case RESOLVED -> {
                word = "RESOLVED";
                colour = GREEN;
                time = alert.endsAtMillis();
            }
            default -> {
                word = "PENDING ";
                colour = DIM;
                time = alert.startsAtMillis();
            }
        }
        return line(
                time,
                paint(colour, word),
                alert.cluster()
                        + "  "
                        + alert.rule()
                        + " ("
                        + AlertDocument.lower(alert.severity())
                        + ")  "
                        + alert.subject()
                        + "  "
                        + (alert.summary() == null ? "" : alert.summary())
                        + "  ×"
                        + alert.occurrences()
                        + "  ["
                        + alert.id()
                        + "]");
    }

    @Override
    public String event(Occurrence event) {
        ObjectReference about = event.regarding();
        return line(
                event.toMillis(),
                paint(DIM, "event   "),
                event.cluster()
                        + "  "
                        + event.type()
                        + " "
                        + event.reason()
                        + "  "
                        + (about == null
                                ? "?"
                                : about.kind()
                                        + " "
                                        + (about.namespace() == null ? "" : about.namespace() + "/")
                                        + about.name())
                        + "  ×"
                        + event.weight()
                        + "  "
                        + (event.note() == null ? "" : event.note()));
    }

    @Override
    public String late(Candidate late) {
        return line(
                late.toMillis(),
                paint(DIM, "late    "),
                late.cluster()
                        + "  "
                        + late.told().reason()
                        + "  "
                        + Subject.of(late)
                        + "  ×"
                        + late.weight()
                        + "  too late to ring: "
                        + String.join(", ", late.roles()));
    }

    @Override
    public String gap(KubernetesRecord record) {
        boolean blind = record.kind() == KubernetesRecord.Kind.BLIND;
        String until =
                record.toMillis() == 0
                        ? "and still is"
                        : "until " + Times.rfc3339(record.toMillis());
        String scope = "*".equals(record.scope()) ? "all namespaces" : record.scope();
        return line(
                record.fromMillis(),
                paint(YELLOW, blind ? "BLIND   " : "LOSS?   "),
                record.cluster()
                        + "  "
                        + scope
                        + "  "
                        + (blind
                                ? "no contact since then, " + until
                                : "objects may have come and gone unseen, " + until)
                        + (record.reason() == null ? "" : ": " + record.reason()));
    }

    @Override
    public String deadLetter(DeadLetter letter) {
        return line(
                letter.timeMillis(),
                paint(RED, "UNREAD  "),
                letter.stage()
                        + "  "
                        + letter.origin()
                        + "  "
                        + letter.reason()
                        + "  ("
                        + (letter.raw() == null ? 0 : letter.raw().length)
                        + " bytes)");
    }

    private String line(long timeMillis, String word, String text) {
        String time = Times.rfc3339(timeMillis);
        return (time == null ? "-" : time) + "  " + word + "  " + plain(text);
    }

    private String paint(String colour, String word) {
        return coloured ? colour + word + RESET : word;
    }

    /** One line without control characters: no escape sequence of a cluster reaches a terminal. */
    private static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.strip()
                .codePoints()
                .map(c -> Character.getType(c) == Character.CONTROL ? ' ' : c)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }
}
