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
package io.tocsin.deploy;

import java.util.List;
import java.util.Set;

/** What the job may do: enough to watch, and nothing beyond. */
final class RightsCheck {
    private static final Set<String> READ = Set.of("get", "list", "watch");

    private final Manifest manifest;
    private final Problems problems;

    RightsCheck(Manifest manifest, Problems problems) {
        this.manifest = manifest;
        this.problems = problems;
    }

    void check(Field deployment) {
        manifest.kind("RoleBinding").forEach(binding -> binding(binding, deployment));
        manifest.kind("ClusterRoleBinding").forEach(binding -> binding(binding, deployment));
        manifest.kind("Role").forEach(this::noWildcards);
        for (Field role : manifest.kind("ClusterRole")) {
            noWildcards(role);
            for (Field rule : role.get("rules").items()) {
                for (Field verb : rule.get("verbs").items()) {
                    problems.unless(
                            verb.is("*") || READ.contains(String.valueOf(verb.text())),
                            verb,
                            "one of get, list, watch",
                            "remove it: Tocsin only reads of the cluster it watches");
                }
            }
        }
        for (String verb : List.of("list", "watch")) {
            require(deployment, "ClusterRoleBinding", "events.k8s.io", "events", verb);
        }
        for (String verb : List.of("get", "list", "watch", "create", "delete")) {
            require(deployment, "RoleBinding", "", "pods", verb);
        }
        for (String verb : List.of("get", "watch", "create", "update", "delete")) {
            require(deployment, "RoleBinding", "", "configmaps", verb);
        }
    }

    private void binding(Field binding, Field deployment) {
        String kind = String.valueOf(binding.at("roleRef.kind").text());
        Field name = binding.at("roleRef.name");
        List<String> names = manifest.names(kind);
        problems.unless(
                names.contains(String.valueOf(name.text())),
                name,
                "a " + kind + " of this file",
                Problems.didYouMean(String.valueOf(name.text()), names));
        for (Field subject : binding.get("subjects").items()) {
            if (!subject.get("kind").is("ServiceAccount")) {
                continue;
            }
            List<String> accounts = manifest.names("ServiceAccount");
            problems.unless(
                    accounts.contains(String.valueOf(subject.get("name").text())),
                    subject.get("name"),
                    "a ServiceAccount of this file",
                    Problems.didYouMean(String.valueOf(subject.get("name").text()), accounts));
            String namespace = Manifest.namespace(deployment);
            problems.unless(
                    namespace == null || subject.get("namespace").is(namespace),
                    subject.get("namespace"),
                    "\"" + namespace + "\", the FlinkDeployment's",
                    "correct it, or an account that does not exist gets the rights");
        }
    }

    private void noWildcards(Field role) {
        for (Field rule : role.get("rules").items()) {
            for (String list : List.of("apiGroups", "resources", "verbs")) {
                for (Field item : rule.get(list).items()) {
                    problems.unless(
                            !item.is("*"), item, "names", "list what is needed, and nothing else");
                }
            }
        }
    }

    /** That a binding to the job's account leads to a rule that grants this. */
    private void require(
            Field deployment, String bindingKind, String group, String resource, String verb) {
        String account = deployment.at("spec.serviceAccount").text();
        String roleKind = bindingKind.equals("RoleBinding") ? "Role" : "ClusterRole";
        Field nearest = null;
        for (Field binding : manifest.kind(bindingKind)) {
            boolean bound =
                    binding.get("subjects").items().stream()
                            .anyMatch(subject -> subject.get("name").is(String.valueOf(account)));
            Field role =
                    manifest.find(roleKind, String.valueOf(binding.at("roleRef.name").text()))
                            .orElse(null);
            if (!bound || role == null) {
                continue;
            }
            for (Field rule : role.get("rules").items()) {
                if (grants(rule.get("apiGroups"), group)
                        && grants(rule.get("resources"), resource)) {
                    if (grants(rule.get("verbs"), verb)) {
                        return;
                    }
                    nearest = rule.get("verbs");
                }
            }
        }
        String what = resource + (group.isEmpty() ? "" : " of " + group);
        Field at = nearest == null ? deployment.at("spec.serviceAccount") : nearest;
        problems.add(
                at,
                "no right of ServiceAccount " + account + " to " + verb + " " + what,
                "verb " + verb + " in a " + roleKind + " bound to it",
                (bindingKind.equals("RoleBinding")
                                ? "Flink cannot start TaskManagers or keep HA data"
                                : "Tocsin sees no event")
                        + " without it");
    }

    private static boolean grants(Field list, String value) {
        return list.texts().contains(value) || list.texts().contains("*");
    }
}
