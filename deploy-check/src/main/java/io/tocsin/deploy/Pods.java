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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pods of a FlinkDeployment: what its pod templates say together.
 *
 * @param templates that are given, the common one first
 */
record Pods(Field deployment, List<Field> templates) {
    /** The one container of a template that the operator takes as Flink's. */
    static final String MAIN = "flink-main-container";

    static Pods of(Field deployment) {
        List<Field> templates = new ArrayList<>();
        for (String path :
                List.of(
                        "spec.podTemplate",
                        "spec.jobManager.podTemplate",
                        "spec.taskManager.podTemplate")) {
            Field template = deployment.at(path);
            if (template.isPresent()) {
                templates.add(template);
            }
        }
        return new Pods(deployment, List.copyOf(templates));
    }

    /** Flink's container of each template that has it. */
    List<Field> mains() {
        return templates.stream()
                .flatMap(template -> template.at("spec.containers").items().stream())
                .filter(container -> container.get("name").is(MAIN))
                .toList();
    }

    /** The volumes by name. */
    Map<String, Field> volumes() {
        Map<String, Field> volumes = new LinkedHashMap<>();
        for (Field template : templates) {
            for (Field volume : template.at("spec.volumes").items()) {
                volumes.put(String.valueOf(volume.get("name").text()), volume);
            }
        }
        return volumes;
    }

    /** The mounts of Flink's container. */
    List<Field> mounts() {
        return mains().stream().flatMap(main -> main.get("volumeMounts").items().stream()).toList();
    }

    /** The mount that holds a path: that of the longest mount path above it. */
    Optional<Field> mountOf(String path) {
        return mounts().stream()
                .filter(mount -> holds(mount, path))
                .max(Comparator.comparingInt(mount -> mount.get("mountPath").text().length()));
    }

    private static boolean holds(Field mount, String path) {
        String mountPath = mount.get("mountPath").text();
        return mountPath != null
                && (path.equals(mountPath)
                        || path.startsWith(mountPath.endsWith("/") ? mountPath : mountPath + "/"));
    }

    /** The volume that holds a path. */
    Optional<Field> volumeOf(String path) {
        return mountOf(path)
                .map(mount -> mount.get("name").text())
                .map(name -> volumes().get(name));
    }

    /** The path of a file within its volume. */
    String withinVolume(String path) {
        Field mount = mountOf(path).orElse(null);
        if (mount == null) {
            return path;
        }
        String below = path.substring(mount.get("mountPath").text().length());
        String sub = mount.get("subPath").text();
        return ((sub == null ? "" : sub) + below).replaceFirst("^/", "");
    }

    /** The environment variables of Flink's container. */
    List<Field> variables() {
        return mains().stream().flatMap(main -> main.get("env").items().stream()).toList();
    }

    /** Whether it has variables whose names only a ConfigMap or Secret knows. */
    boolean hasMoreVariables() {
        return mains().stream().anyMatch(main -> main.get("envFrom").isPresent());
    }
}
