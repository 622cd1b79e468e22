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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What has become of the rules of a checkpoint: which are gone, new, renamed or changed, and what
 * that means for what is remembered. A rule is renamed if it names its former name, or if it says
 * exactly what a rule that is gone said, and no other does.
 */
@Pure
final class RuleHistory {

    private final Map<String, RuleEntry> before = new TreeMap<>();
    private final Map<String, RuleEntry> now = new TreeMap<>();

    /** New names by old ones. */
    private final Map<String, String> renamed = new TreeMap<>();

    RuleHistory(List<RuleEntry> before, List<RuleEntry> now) {
        before.forEach(entry -> this.before.put(entry.name(), entry));
        now.forEach(entry -> this.now.put(entry.name(), entry));
        this.now.values().forEach(this::findFormerNames);
        this.now.values().forEach(this::findTwin);
        renamed.forEach((old, name) -> inherit(this.before.get(old), this.now.get(name)));
        this.now.forEach(
                (name, entry) -> {
                    RuleEntry same = this.before.get(name);
                    if (same != null) {
                        inherit(same, entry);
                    }
                });
    }

    private boolean isGone(String name) {
        return before.containsKey(name) && !now.containsKey(name);
    }

    private void findFormerNames(RuleEntry entry) {
        for (String former : entry.formerly()) {
            if (isGone(former)) {
                renamed.putIfAbsent(former, entry.name());
            }
        }
    }

    private void findTwin(RuleEntry entry) {
        if (before.containsKey(entry.name()) || renamed.containsValue(entry.name())) {
            return;
        }
        List<String> gone = new ArrayList<>();
        before.forEach(
                (name, old) -> {
                    boolean same = old.parts().equals(entry.parts()) && !old.parts().isEmpty();
                    if (isGone(name) && !renamed.containsKey(name) && same) {
                        gone.add(name);
                    }
                });
        long twins =
                now.values().stream()
                        .filter(other -> !before.containsKey(other.name()))
                        .filter(other -> other.parts().equals(entry.parts()))
                        .count();
        if (gone.size() == 1 && twins == 1) {
            renamed.put(gone.get(0), entry.name());
            entry.formerly().add(gone.get(0));
        }
    }

    /** A name that was once known is not forgotten: not all subjects were looked at since. */
    private static void inherit(RuleEntry old, RuleEntry entry) {
        if (!old.name().equals(entry.name())) {
            entry.formerly().add(old.name());
            if (!old.alert().equals(entry.alert())) {
                entry.alertsFormerly().add(old.alert());
            }
        }
        entry.formerly().addAll(old.formerly());
        entry.alertsFormerly().addAll(old.alertsFormerly());
    }

    /** The names that are others now. */
    Renames renames() {
        Set<String> alerts = new TreeSet<>();
        now.values().forEach(entry -> alerts.add(entry.alert()));
        Map<String, String> rulesByOld = new LinkedHashMap<>();
        Map<String, String> alertsByOld = new LinkedHashMap<>();
        for (RuleEntry entry : now.values()) {
            for (String old : entry.formerly()) {
                if (!now.containsKey(old)) {
                    rulesByOld.putIfAbsent(old, entry.name());
                }
            }
            Set<String> oldAlerts = new LinkedHashSet<>(entry.alertsFormerly());
            oldAlerts.addAll(entry.formerly());
            for (String old : oldAlerts) {
                if (!alerts.contains(old)) {
                    alertsByOld.putIfAbsent(old, entry.alert());
                }
            }
        }
        return new Renames(rulesByOld, alertsByOld);
    }

    /** A line for each kind of change of each rule. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        before.forEach(
                (name, old) -> {
                    String next = renamed.get(name);
                    if (next != null) {
                        renamed(old, now.get(next), lines);
                    } else if (!now.containsKey(name)) {
                        lines.add(
                                "Rule "
                                        + name
                                        + " is gone: what it had seen is dropped, and its open"
                                        + " alerts end when nothing has confirmed them for 20"
                                        + " minutes");
                    } else {
                        changed(old, now.get(name), lines);
                    }
                });
        now.keySet().stream()
                .filter(name -> !before.containsKey(name) && !renamed.containsValue(name))
                .forEach(name -> lines.add(isNew(name)));
        return lines;
    }

    /**
     * All subjects are looked at within ten minutes of event time, so a former name is free after
     * that; before, nobody can tell whose is what is remembered under it.
     */
    private String isNew(String name) {
        String line = "Rule " + name + " is new: it begins now";
        for (RuleEntry entry : now.values()) {
            if (entry.formerly().contains(name) || entry.alertsFormerly().contains(name)) {
                return line
                        + "; "
                        + entry.name()
                        + " was called so: if it was until less than 10 minutes ago, what was seen"
                        + " under that name and not looked at since is taken for the new rule's";
            }
        }
        return line;
    }

    private static void renamed(RuleEntry old, RuleEntry entry, List<String> lines) {
        lines.add(
                "Rule "
                        + old.name()
                        + " is called "
                        + entry.name()
                        + " now: it goes on with its open alerts"
                        + (old.kind().equals("sequence")
                                ? ", and its partial matches are dropped"
                                : ", and with what it had seen"));
        changed(old, entry, lines);
    }

    private static void changed(RuleEntry old, RuleEntry entry, List<String> lines) {
        if (old.parts().isEmpty()) {
            return;
        }
        String rule = "Rule " + entry.name();
        Set<String> parts = new LinkedHashSet<>(old.parts().keySet());
        parts.addAll(entry.parts().keySet());
        parts.removeIf(part -> Objects.equals(old.parts().get(part), entry.parts().get(part)));
        if (parts.remove(RuleEntry.PER)) {
            lines.add(
                    rule
                            + " has another per: it begins anew; what it had seen of the old"
                            + " subjects is dropped, and their open alerts end by resolveAfter");
        }
        if (parts.remove(RuleEntry.WHEN)) {
            lines.add(rule + " has another condition: " + condition(old, entry));
        }
        boolean sameName = old.name().equals(entry.name());
        if (parts.remove(RuleEntry.ALERT) && sameName) {
            lines.add(
                    rule
                            + " has another alert: what is open keeps its name, and ends by"
                            + " resolveAfter unless another rule confirms it");
        }
        if (!parts.isEmpty()) {
            lines.add(
                    rule
                            + " has another "
                            + String.join(", ", parts)
                            + ": from now on, also for what is open");
        }
    }

    private static String condition(RuleEntry old, RuleEntry entry) {
        if (!old.kind().equals(entry.kind())) {
            return "of another kind, so what it had seen is dropped, and its open alerts go on";
        }
        if (!entry.kind().equals("sequence")) {
            return "it goes on with what it had seen";
        }
        return old.condition().equals(entry.condition())
                ? "it goes on with its partial matches"
                : "of other stages, so its partial matches are dropped";
    }
}
