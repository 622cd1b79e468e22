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

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What the job may do: enough to watch, and nothing beyond. */
final class RightsCheck {
    private static final Set<String> READ = Set.of("get", "list", "watch");

    private static final List<String> WATCH = List.of("list", "watch");
    private static final String FLINK =
            "Flink cannot start TaskManagers or keep HA data without it";

    private static final String RBAC = "rbac.authorization.k8s.io";

    /** Resources and verbs through which one comes to rights that were not given. */
    private static final Set<String> TOO_MUCH =
            Set.of(
                    "secrets",
                    "pods/exec",
                    "pods/attach",
                    "pods/portforward",
                    "pods/ephemeralcontainers",
                    "nodes/proxy",
                    "serviceaccounts/token",
                    "roles",
                    "rolebindings",
                    "clusterroles",
                    "clusterrolebindings",
                    "escalate",
                    "bind",
                    "impersonate");

    private final Manifest manifest;
    private final Problems problems;

    RightsCheck(Manifest manifest, Problems problems) {
        this.manifest = manifest;
        this.problems = problems;
    }

    /**
     * Checks what is granted.
     *
     * @param watched what is watched of the cluster it runs in
     */
    void check(Field deployment, PipelineCheck.Watched watched) {
        manifest.kind("RoleBinding").forEach(binding -> binding(binding, deployment));
        manifest.kind("ClusterRoleBinding").forEach(binding -> binding(binding, deployment));
        manifest.kind("Role").forEach(this::notTooMuch);
        for (Field role : manifest.kind("ClusterRole")) {
            notTooMuch(role);
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
        for (String namespace : watched.namespaces()) {
            require(
                    deployment,
                    namespace,
                    "events.k8s.io",
                    "events",
                    WATCH,
                    "Tocsin sees no event without it");
        }
        if (watched.selected()) {
            require(
                    deployment,
                    "*",
                    "",
                    "namespaces",
                    WATCH,
                    "no namespace can be selected without it");
        }
        if (watched.own()) {
            watched.objects().forEach(each -> objects(deployment, each, watched.namespaces()));
        }
        String own = String.valueOf(Manifest.namespace(deployment));
        List<String> pods = List.of("get", "list", "watch", "create", "delete");
        require(deployment, own, "", "pods", pods, FLINK);
        List<String> maps = List.of("get", "list", "watch", "create", "update", "patch", "delete");
        require(deployment, own, "", "configmaps", maps, FLINK);
        require(deployment, own, "apps", "deployments", List.of("get"), FLINK);
    }

    /** Nodes belong to no namespace: a Role cannot grant them. */
    private void objects(Field deployment, String resource, Set<String> namespaces) {
        for (String namespace : resource.equals("nodes") ? Set.of("*") : namespaces) {
            require(
                    deployment,
                    namespace,
                    resource.equals("deployments") ? "apps" : "",
                    resource,
                    WATCH,
                    "rules with state: " + resource + " see nothing without it");
        }
    }

    private void binding(Field binding, Field deployment) {
        Field reference = binding.get("roleRef");
        String kind = String.valueOf(reference.get("kind").text());
        Field name = reference.get("name");
        List<String> names =
                manifest.kind(kind).stream()
                        .filter(role -> !kind.equals("Role") || sameNamespace(role, binding))
                        .map(Manifest::name)
                        .toList();
        problems.unless(
                names.contains(String.valueOf(name.text())),
                name,
                "a " + kind + " of this file" + (kind.equals("Role") ? " and namespace" : ""),
                Problems.didYouMean(String.valueOf(name.text()), names));
        problems.unless(
                reference.get("apiGroup").is(RBAC),
                reference.get("apiGroup"),
                RBAC,
                "the API server refuses the object otherwise");
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

    private void notTooMuch(Field role) {
        for (Field rule : role.get("rules").items()) {
            for (String list : List.of("apiGroups", "resources", "verbs")) {
                for (Field item : rule.get(list).items()) {
                    problems.unless(
                            !item.is("*"), item, "names", "list what is needed, and nothing else");
                    problems.unless(
                            !TOO_MUCH.contains(String.valueOf(item.text())),
                            item,
                            "nothing that leads to more rights",
                            "remove it: neither Flink nor Tocsin needs it");
                }
            }
        }
    }

    /** That a binding to the job's account leads to rules that grant this. */
    private void require(
            Field deployment,
            String namespace,
            String group,
            String resource,
            List<String> verbs,
            String without) {
        Set<String> missing = new LinkedHashSet<>(verbs);
        Field nearest = null;
        for (Field role : roles(deployment, namespace)) {
            for (Field rule : role.get("rules").items()) {
                if (grants(rule.get("apiGroups"), group)
                        && grants(rule.get("resources"), resource)) {
                    missing.removeIf(verb -> grants(rule.get("verbs"), verb));
                    nearest = rule.get("verbs");
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        problems.add(
                nearest == null ? deployment.at("spec.serviceAccount") : nearest,
                "no right of ServiceAccount "
                        + deployment.at("spec.serviceAccount").text()
                        + " to "
                        + String.join(", ", missing)
                        + " "
                        + resource
                        + (group.isEmpty() ? "" : " of " + group)
                        + (namespace.equals("*") ? "" : " in namespace " + namespace),
                (missing.size() == 1 ? "that verb" : "those verbs")
                        + " in a "
                        + (namespace.equals("*") ? "ClusterRole" : "Role")
                        + " bound to it",
                without);
    }

    /** The roles of this file that the job's account has in a namespace, or in all. */
    private List<Field> roles(Field deployment, String namespace) {
        List<Field> roles = new ArrayList<>();
        for (Field binding : manifest.objects()) {
            boolean everywhere = binding.get("kind").is("ClusterRoleBinding");
            boolean here =
                    binding.get("kind").is("RoleBinding")
                            && namespace.equals(String.valueOf(Manifest.namespace(binding)));
            if ((everywhere || here)
                    && binding.get("subjects").items().stream()
                            .anyMatch(subject -> isAccount(subject, deployment))) {
                Field reference = binding.get("roleRef");
                manifest.objects().stream()
                        .filter(role -> role.get("kind").is(reference.get("kind").text() + ""))
                        .filter(role -> Manifest.name(role).equals(reference.get("name").text()))
                        .filter(
                                role ->
                                        role.get("kind").is("ClusterRole")
                                                || here && sameNamespace(role, binding))
                        .forEach(roles::add);
            }
        }
        return roles;
    }

    private static boolean isAccount(Field subject, Field deployment) {
        String account = String.valueOf(deployment.at("spec.serviceAccount").text());
        // A namespace that is wrong is a problem of its own.
        return subject.get("kind").is("ServiceAccount") && subject.get("name").is(account)
                || subject.get("kind").is("Group")
                        && subject.get("name")
                                .is("system:serviceaccounts:" + Manifest.namespace(deployment));
    }

    private static boolean sameNamespace(Field role, Field binding) {
        return Objects.equals(Manifest.namespace(role), Manifest.namespace(binding));
    }

    private static boolean grants(Field list, String value) {
        return list.texts().contains(value) || list.texts().contains("*");
    }
}
