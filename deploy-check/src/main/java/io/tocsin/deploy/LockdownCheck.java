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

/**
 * That the pods may do no more than they must: what namespaces with the restricted Pod Security
 * Standard demand, and a root file system that nothing can be written to.
 */
final class LockdownCheck {
    /** Where Flink writes beside its state. */
    private static final List<String> WRITTEN = List.of("/tmp", "/opt/flink/log");

    private static final String REMOVE = "remove it";

    private final Problems problems;

    LockdownCheck(Problems problems) {
        this.problems = problems;
    }

    void check(Field deployment) {
        Pods pods = Pods.of(deployment);
        if (pods.mains().isEmpty()) {
            problems.add(
                    deployment.at("spec.podTemplate"),
                    "no container " + Pods.MAIN,
                    "one with a securityContext",
                    "add it, or Flink runs with more rights than it needs");
            return;
        }
        Field template = pods.templates().get(0);
        Field pod = template.at("spec.securityContext");
        Field main = pods.mains().get(0).get("securityContext");
        demand(pod, "runAsNonRoot", "true");
        demand(pod, "seccompProfile.type", "RuntimeDefault");
        Field user = pod.get("runAsUser");
        problems.unless(
                user.is("0") || user.text() != null && user.text().matches("[1-9][0-9]*"),
                user,
                "a number that is not 0",
                "9999 is flink in the official image");
        demand(main, "allowPrivilegeEscalation", "false");
        demand(main, "readOnlyRootFilesystem", "true");
        Field drop = main.at("capabilities.drop");
        problems.unless(
                drop.texts().equals(List.of("ALL")), drop, "[ALL]", "Flink needs no capability");
        for (Field each : pods.templates()) {
            for (String flag : List.of("hostNetwork", "hostPID", "hostIPC")) {
                Field field = each.get("spec").get(flag);
                problems.unless(!field.is("true"), field, "none", "remove it");
            }
        }
        for (Field each : pods.templates()) {
            noRoot(each.at("spec.securityContext"));
            for (String list : List.of("spec.containers", "spec.initContainers")) {
                each.at(list).items().forEach(this::container);
            }
        }
        volumes(pods);
        if (main.get("readOnlyRootFilesystem").is("true")) {
            for (String path : WRITTEN) {
                if (pods.volumeOf(path).isEmpty()) {
                    problems.add(
                            main.get("readOnlyRootFilesystem"),
                            "no volume at " + path,
                            "an emptyDir, for Flink writes there",
                            "mount one, or the JVM ends at its start");
                }
            }
        }
    }

    private void volumes(Pods pods) {
        for (Field volume : pods.volumes().values()) {
            problems.unless(
                    !volume.get("hostPath").isPresent(),
                    volume.get("hostPath"),
                    "a claim, or another volume of Kubernetes",
                    "a folder of one node is not there on the next, and namespaces with the"
                            + " restricted Pod Security Standard refuse the pod");
        }
        Field group = pods.templates().get(0).at("spec.securityContext.fsGroup");
        boolean claims =
                pods.volumes().values().stream()
                        .anyMatch(volume -> volume.get("persistentVolumeClaim").isPresent());
        problems.unless(
                !claims || group.isPresent(),
                group,
                "a group for the claim's files, such as 9999",
                "a new volume can be written as root only, and Flink is not root");
    }

    /** What a container may say beside, or in place of, what its pod says. */
    private void container(Field container) {
        Field context = container.get("securityContext");
        noRoot(context);
        problems.unless(
                !context.get("privileged").is("true"), context.get("privileged"), "none", REMOVE);
        Field added = context.at("capabilities.add");
        problems.unless(added.items().isEmpty(), added, "none", REMOVE);
        if (!container.get("name").is(Pods.MAIN)) {
            demand(context, "allowPrivilegeEscalation", "false");
            Field drop = context.at("capabilities.drop");
            problems.unless(drop.texts().contains("ALL"), drop, "[ALL]", "drop them");
        }
    }

    /** Of a context that need not say anything about it. */
    private void noRoot(Field context) {
        Field user = context.get("runAsUser");
        problems.unless(!user.is("0"), user, "a number that is not 0", "root is not needed");
        Field nonRoot = context.get("runAsNonRoot");
        problems.unless(!nonRoot.is("false"), nonRoot, "true, or nothing", REMOVE);
    }

    private void demand(Field context, String path, String value) {
        Field field = context.at(path);
        problems.unless(
                field.is(value),
                field,
                value,
                "set it; namespaces with the restricted Pod Security Standard refuse the pod"
                        + " otherwise");
    }
}
