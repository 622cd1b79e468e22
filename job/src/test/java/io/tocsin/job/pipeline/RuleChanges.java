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
package io.tocsin.job.pipeline;

import java.util.List;

/**
 * The changes of rules that a restore must take. They share one savepoint, so each has reasons and
 * names of its own. The savepoint is taken at second {@link #CUT}; alerts end by 12 minutes of
 * silence unless a rule says otherwise.
 *
 * <p>Events of one pod may overtake each other where there are several subtasks, and what clears an
 * alert is then heard before what opens it: nothing here depends on the order of events that lie on
 * the same side of the savepoint, but for sequences, which sort.
 */
final class RuleChanges {

    /** All that happens until this second is before the savepoint, all else after it. */
    static final long CUT = 600;

    /** When nothing happens any more. */
    static final long END = 5000;

    private static final String GOES_ON =
            " has another condition: it goes on with what it had seen";
    private static final String OTHER_KIND =
            " has another condition: of another kind, so what it had seen is dropped, and its open"
                    + " alerts go on";
    private static final String OTHER_STAGES =
            " has another condition: of other stages, so its partial matches are dropped";
    private static final String OTHER_TIME =
            " has another condition: it goes on with its partial matches";
    private static final String OTHER_ALERT =
            " has another alert: what is open keeps its name, and ends by resolveAfter unless"
                    + " another rule confirms it";
    private static final String FROM_NOW = ": from now on, also for what is open";
    private static final String GONE =
            " is gone: what it had seen is dropped, and its open alerts end when nothing has"
                    + " confirmed them for 20 minutes";
    private static final String NEW = " is new: it begins now";

    private RuleChanges() {}

    static List<RuleChange> all() {
        return List.of(
                RuleChange.of(
                                "a rule that stays goes on with its window and its open alert",
                                "{name: Same, match: {reason: Same}, when: {atLeast: 5, within: 10m}}",
                                "",
                                "")
                        .happens("500,501,502,503,650 a Same", "500,501,502,503,504,651 b Same")
                        .tells(
                                "504 b Same FIRING 5",
                                "650 a Same FIRING 5",
                                "1370 a Same RESOLVED 5",
                                "1371 b Same RESOLVED 6"),
                RuleChange.of(
                                "a lowered threshold counts what was seen before",
                                "{name: Lowered, match: {reason: Lowered}, when: {atLeast: $, within: 10m}}",
                                "5",
                                "3")
                        .happens("500,501,650 a Lowered")
                        .tells("650 a Lowered FIRING 3", "1370 a Lowered RESOLVED 3")
                        .logs("Rule Lowered" + GOES_ON),
                RuleChange.of(
                                "a raised threshold needs more and counts what was seen before",
                                "{name: Raised, match: {reason: Raised}, when: {atLeast: $, within: 10m}}",
                                "5",
                                "8")
                        .happens(
                                "500,501,502,503,650,651,652,653 a Raised",
                                "500,501,502,503,650,651,652 b Raised")
                        .tells("653 a Raised FIRING 8", "1373 a Raised RESOLVED 8")
                        .logs("Rule Raised" + GOES_ON),
                RuleChange.of(
                                "a longer window reaches back into what was seen before",
                                "{name: Longer, match: {reason: Longer}, when: {atLeast: 5, within: $}}",
                                "2m",
                                "10m")
                        .happens("200,201,202,700,701 a Longer")
                        .tells("701 a Longer FIRING 5", "1421 a Longer RESOLVED 5")
                        .logs("Rule Longer" + GOES_ON),
                RuleChange.of(
                                "a shorter window leaves out what was seen before",
                                "{name: Shorter, match: {reason: Shorter}, when: {atLeast: 5, within: $}}",
                                "10m",
                                "2m")
                        .happens(
                                "300,301,302,700,701 a Shorter",
                                "300,700,701,702,703,704 b Shorter")
                        .tells("704 b Shorter FIRING 5", "1424 b Shorter RESOLVED 5")
                        .logs("Rule Shorter" + GOES_ON),
                RuleChange.of(
                                "a shorter for counts from when the alert became pending",
                                "{name: Sooner, match: {reason: Sooner}, when: {atLeast: 1, within: 1m}, for: $, resolveAfter: 1h}",
                                "30m",
                                "10m")
                        .happens("100 a Sooner")
                        .tells(
                                "100 a Sooner PENDING 1",
                                "700 a Sooner FIRING 1",
                                "3700 a Sooner RESOLVED 1")
                        .logs("Rule Sooner has another for" + FROM_NOW),
                RuleChange.of(
                                "a longer for counts from when the alert became pending",
                                "{name: Later, match: {reason: Later}, when: {atLeast: 1, within: 1m}, for: $, resolveAfter: 1h}",
                                "5m",
                                "15m")
                        .happens("400 a Later")
                        .tells(
                                "400 a Later PENDING 1",
                                "1300 a Later FIRING 1",
                                "4000 a Later RESOLVED 1")
                        .logs("Rule Later has another for" + FROM_NOW),
                RuleChange.of(
                                "a pending alert rings when for is gone",
                                "{name: AtOnce, match: {reason: AtOnce}, when: {atLeast: 1, within: 1m}, resolveAfter: 1h$}",
                                ", for: 30m",
                                "")
                        .happens("500 a AtOnce")
                        .tells(
                                "500 a AtOnce FIRING 1",
                                "500 a AtOnce PENDING 1",
                                "4100 a AtOnce RESOLVED 1")
                        .logs("Rule AtOnce has another for" + FROM_NOW),
                RuleChange.of(
                                "a shorter resolveAfter ends what is open",
                                "{name: Ends, match: {reason: Ends}, when: {atLeast: 1, within: 1m}, resolveAfter: $}",
                                "1h",
                                "10m")
                        .happens("500 a Ends")
                        .tells("500 a Ends FIRING 1", "1100 a Ends RESOLVED 1")
                        .logs("Rule Ends has another resolveAfter" + FROM_NOW),
                RuleChange.of(
                                "a longer resolveAfter keeps what is open",
                                "{name: Lasts, match: {reason: Lasts}, when: {atLeast: 1, within: 1m}, resolveAfter: $}",
                                "5m",
                                "20m")
                        .happens("500 a Lasts")
                        .tells("500 a Lasts FIRING 1", "1700 a Lasts RESOLVED 1")
                        .logs("Rule Lasts has another resolveAfter" + FROM_NOW),
                RuleChange.of(
                                "other clears end what is open",
                                "{name: Cleared, match: {reason: Cleared}, when: {atLeast: 1, within: 1m}, clears: {reason: $}}",
                                "ClearedOld",
                                "ClearedNew")
                        .happens("500 a Cleared", "650 a ClearedOld", "700 a ClearedNew")
                        .tells("500 a Cleared FIRING 1", "700 a Cleared RESOLVED 1")
                        .logs("Rule Cleared has another clears" + FROM_NOW),
                RuleChange.of(
                                "an absence that is armed goes on, and may still be answered",
                                "{name: Armed, match: {reason: Armed}, when: {missing: {reason: ArmedOk}, within: 3m}}",
                                "",
                                "")
                        .happens("500 a Armed", "500 b Armed", "650 b ArmedOk")
                        .tells("680 a Armed FIRING 1", "1400 a Armed RESOLVED 1"),
                RuleChange.of(
                                "an absence that waits longer counts from its trigger",
                                "{name: Patient, match: {reason: Patient}, when: {missing: {reason: PatientOk}, within: $}}",
                                "3m",
                                "10m")
                        .happens("550 a Patient")
                        .tells("1150 a Patient FIRING 1", "1870 a Patient RESOLVED 1")
                        .logs("Rule Patient" + GOES_ON),
                RuleChange.of(
                                "a threshold that becomes an absence keeps its open alert only",
                                "{name: ToAbsence, match: {reason: ToAbsence}, when: {$}}",
                                "atLeast: 5, within: 10m",
                                "missing: {reason: ToAbsenceOk}, within: 3m")
                        .happens(
                                "500,501,502,503,650 a ToAbsence",
                                "500,501,502,503,504,650 b ToAbsence")
                        .tells(
                                "504 b ToAbsence FIRING 5",
                                "830 a ToAbsence FIRING 1",
                                "1370 b ToAbsence RESOLVED 6",
                                "1550 a ToAbsence RESOLVED 1")
                        .logs("Rule ToAbsence" + OTHER_KIND),
                RuleChange.of(
                                "an absence that becomes a threshold no longer waits",
                                "{name: ToThreshold, match: {reason: ToThreshold}, when: {$}}",
                                "missing: {reason: ToThresholdOk}, within: 3m",
                                "atLeast: 2, within: 10m")
                        .happens("550 a ToThreshold", "550,700,701 b ToThreshold")
                        .tells("701 b ToThreshold FIRING 2", "1421 b ToThreshold RESOLVED 2")
                        .logs("Rule ToThreshold" + OTHER_KIND),
                RuleChange.between(
                                "an added rule begins",
                                List.of(),
                                List.of(
                                        "{name: Added, match: {reason: Added}, when: {atLeast: 2, within: 10m}}"))
                        .happens("500,650,651 a Added")
                        .tells("651 a Added FIRING 2", "1371 a Added RESOLVED 2")
                        .logs("Rule Added" + NEW),
                RuleChange.between(
                                "a removed rule ends its alerts by silence",
                                List.of(
                                        "{name: Removed, match: {reason: Removed}, when: {atLeast: 1, within: 1m}}"),
                                List.of())
                        .happens("500,700 a Removed")
                        .tells("500 a Removed FIRING 1", "1700 a Removed RESOLVED 1")
                        .logs("Rule Removed" + GONE),
                RuleChange.of(
                                "a rule by another name goes on with its window and its open alert",
                                "{name: $, match: {reason: Name}, when: {atLeast: 3, within: 10m}}",
                                "OldName",
                                "NewName")
                        .happens("500,501,650 a Name", "500,501,502,651 b Name")
                        .tells(
                                "502 b OldName FIRING 3",
                                "650 a NewName FIRING 3",
                                "1370 a NewName RESOLVED 3",
                                "1371 b OldName RESOLVED 4")
                        .logs(
                                "Rule OldName is called NewName now: it goes on with its open"
                                        + " alerts, and with what it had seen"),
                RuleChange.of(
                                "a rule that names its former name goes on, changed or not",
                                "{name: $, match: {reason: Aka}, when: {missing: {reason: AkaOk}, within: 3m}}",
                                "Former",
                                "Latter, formerly: Former, resolveAfter: 10m")
                        .happens("200 a Aka", "550 b Aka")
                        .tells(
                                "380 a Former FIRING 1",
                                "730 b Latter FIRING 1",
                                "980 a Former RESOLVED 1",
                                "1330 b Latter RESOLVED 1")
                        .logs(
                                "Rule Former is called Latter now: it goes on with its open"
                                        + " alerts, and with what it had seen",
                                "Rule Latter has another resolveAfter" + FROM_NOW),
                RuleChange.of(
                                "other fields of a subject begin anew",
                                "{name: Regrouped, match: {reason: Regrouped}, when: {atLeast: 2, within: 10m}, per: $}",
                                "[cluster, regarding.uid]",
                                "[cluster, regarding.namespace]")
                        .happens("500,501,651 a Regrouped", "502,650 b Regrouped")
                        .tells(
                                "501 a Regrouped FIRING 2",
                                "651 shop Regrouped FIRING 2",
                                "1221 a Regrouped RESOLVED 2",
                                "1371 shop Regrouped RESOLVED 2")
                        .logs(
                                "Rule Regrouped has another per: it begins anew; what it had seen of the old"
                                        + " subjects is dropped, and their open alerts end by resolveAfter"),
                RuleChange.of(
                                "an alert that is shared from now on begins anew, the old one ends by silence",
                                "{name: Joining, match: {reason: Joining}, when: {atLeast: 1, within: 1m}$}\n"
                                        + "- {name: Joined, match: {reason: Joined}, when: {atLeast: 1, within: 1m}}",
                                "",
                                ", alert: Joined")
                        .happens("500,650 a Joining", "650 a Joined")
                        .tells(
                                "500 a Joining FIRING 1",
                                "650 a Joined FIRING 1",
                                "1220 a Joining RESOLVED 1",
                                "1370 a Joined RESOLVED 2")
                        .logs("Rule Joining" + OTHER_ALERT),
                RuleChange.of(
                                "an alert that is no longer shared goes on, the rule that left begins anew",
                                "{name: Leaving, match: {reason: Leaving}, when: {atLeast: 1, within: 1m}$}\n"
                                        + "- {name: Left, match: {reason: Left}, when: {atLeast: 1, within: 1m}}",
                                ", alert: Left",
                                "")
                        .happens("500,650 a Leaving", "700 a Left")
                        .tells(
                                "500 a Left FIRING 1",
                                "650 a Leaving FIRING 1",
                                "1370 a Leaving RESOLVED 1",
                                "1420 a Left RESOLVED 2")
                        .logs("Rule Leaving" + OTHER_ALERT),
                RuleChange.of(
                                "a sequence goes on with its partial matches",
                                "{name: Ordered, match: {type: Warning}, when: {sequence: [OrderedA, OrderedB, OrderedC], within: 10m}}",
                                "",
                                "")
                        .happens("500 a OrderedA", "510 a OrderedB", "650 a OrderedC")
                        .tells("650 a Ordered FIRING 3", "1370 a Ordered RESOLVED 3"),
                RuleChange.of(
                                "a sequence of other stages begins anew",
                                "{name: Restaged, match: {type: Warning}, when: {sequence: [RestagedA, $RestagedC], within: 10m}}",
                                "RestagedB, ",
                                "")
                        .happens(
                                "500 a RestagedA",
                                "510 a RestagedB",
                                "650 a RestagedC",
                                "660 a RestagedA",
                                "670 a RestagedC")
                        .tells("670 a Restaged FIRING 2", "1390 a Restaged RESOLVED 2")
                        .logs("Rule Restaged" + OTHER_STAGES),
                RuleChange.of(
                                "a sequence with more time keeps its partial matches",
                                "{name: Stretched, match: {type: Warning}, when: {sequence: [StretchedA, StretchedB], within: $}}",
                                "6m",
                                "20m")
                        .happens("300 a StretchedA", "1000 a StretchedB")
                        .tells("1000 a Stretched FIRING 2", "1720 a Stretched RESOLVED 2")
                        .logs("Rule Stretched" + OTHER_TIME),
                RuleChange.of(
                                "a sequence with less time drops those that began too early",
                                "{name: Shrunk, match: {type: Warning}, when: {sequence: [ShrunkA, ShrunkB], within: $}}",
                                "20m",
                                "6m")
                        .happens(
                                "300 a ShrunkA", "1000 a ShrunkB", "550 b ShrunkA", "800 b ShrunkB")
                        .tells("800 b Shrunk FIRING 2", "1520 b Shrunk RESOLVED 2")
                        .logs("Rule Shrunk" + OTHER_TIME),
                RuleChange.between(
                                "a removed sequence takes its partial matches along",
                                List.of(
                                        "{name: Forgotten, match: {type: Warning}, when: {sequence: [ForgottenA, ForgottenB], within: 10m}}"),
                                List.of())
                        .happens("500 a ForgottenA", "650 a ForgottenB")
                        .logs("Rule Forgotten" + GONE));
    }
}
