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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names in one place that must be found in another: each half is valid alone. */
final class ReferencesCheck {
    /** Of its own containers, which it adds to the pod template. */
    private static final Set<String> FLINKS_PORTS =
            Set.of("rest", "8081", "jobmanager-rpc", "6123", "blobserver", "6124");

    private static final String REPORTER =
            "org.apache.flink.metrics.prometheus.PrometheusReporterFactory";

    private final Manifest manifest;
    private final Problems problems;

    ReferencesCheck(Manifest manifest, Problems problems) {
        this.manifest = manifest;
        this.problems = problems;
    }

    void check(Field deployment) {
        Pods pods = Pods.of(deployment);
        containers(pods);
        volumes(pods);
        configMaps(pods);
        serviceAccount(deployment);
        manifest.kind("Service").forEach(service -> service(service, pods));
    }

    private void containers(Pods pods) {
        for (Field template : pods.templates()) {
            List<Field> containers = template.at("spec.containers").items();
            if (!containers.isEmpty()
                    && containers.stream().noneMatch(c -> c.get("name").is(Pods.MAIN))) {
                Field name = containers.get(0).get("name");
                problems.add(
                        name,
                        Problems.got(name),
                        "a container \"" + Pods.MAIN + "\"",
                        "rename it, or Flink runs in a container of its own without these settings");
            }
        }
    }

    private void volumes(Pods pods) {
        Map<String, Field> volumes = pods.volumes();
        Set<String> unused = new HashSet<>(volumes.keySet());
        Set<String> paths = new HashSet<>();
        for (Field template : pods.templates()) {
            List<Field> containers = new ArrayList<>(template.at("spec.containers").items());
            containers.addAll(template.at("spec.initContainers").items());
            for (Field container : containers) {
                for (Field mount : container.get("volumeMounts").items()) {
                    unused.remove(mount.get("name").text());
                }
            }
        }
        for (Field mount : pods.mounts()) {
            Field name = mount.get("name");
            problems.unless(
                    name.text() != null && volumes.containsKey(name.text()),
                    name,
                    "a volume of the pod template",
                    Problems.didYouMean(String.valueOf(name.text()), volumes.keySet()));
            Field path = mount.get("mountPath");
            problems.unless(
                    path.text() != null && path.text().startsWith("/") && paths.add(path.text()),
                    path,
                    "an absolute path that no other mount has",
                    "correct it, or the pod is refused");
        }
        for (Field volume : volumes.values()) {
            if (volume.entries().size() != 2) {
                problems.add(
                        volume,
                        "a volume of " + (volume.entries().size() - 1) + " sources",
                        "one source, such as emptyDir or configMap",
                        "correct it, or the pod is refused");
            }
        }
        for (String name : unused) {
            Field at = volumes.get(name).get("name");
            problems.add(
                    at, Problems.got(at), "a volume that is mounted", "mount it, or remove it");
        }
    }

    private void configMaps(Pods pods) {
        for (Field volume : pods.volumes().values()) {
            Field source = volume.get("configMap");
            if (source.isPresent() && !source.get("optional").is("true")) {
                configMap(source.get("name"), source.get("items").items());
            }
        }
        for (Field variable : pods.variables()) {
            Field source = variable.at("valueFrom.configMapKeyRef");
            if (source.isPresent() && !source.get("optional").is("true")) {
                configMap(source.get("name"), List.of(source));
            }
        }
    }

    private void configMap(Field name, List<Field> keys) {
        Field map = manifest.find("ConfigMap", String.valueOf(name.text())).orElse(null);
        if (map == null) {
            problems.add(
                    name,
                    Problems.got(name),
                    "a ConfigMap of this file",
                    Problems.didYouMean(String.valueOf(name.text()), manifest.names("ConfigMap")));
            return;
        }
        for (Field key : keys) {
            Set<String> known = map.get("data").entries().keySet();
            problems.unless(
                    known.contains(String.valueOf(key.get("key").text())),
                    key.get("key"),
                    "a key of ConfigMap " + name.text(),
                    Problems.didYouMean(String.valueOf(key.get("key").text()), known));
        }
    }

    private void serviceAccount(Field deployment) {
        Field account = deployment.at("spec.serviceAccount");
        if (account.isPresent()) {
            problems.unless(
                    manifest.names("ServiceAccount").contains(account.text()),
                    account,
                    "a ServiceAccount of this file",
                    Problems.didYouMean(
                            String.valueOf(account.text()), manifest.names("ServiceAccount")));
        }
    }

    private void service(Field service, Pods pods) {
        Field selector = service.at("spec.selector");
        problems.unless(
                !selector.entries().isEmpty(),
                selector,
                "labels of the pods",
                "add them, or the service has no endpoints");
        selector.entries()
                .forEach(
                        (label, value) ->
                                problems.unless(
                                        hasLabel(pods, label, value.text()),
                                        value,
                                        "a label of the pod template",
                                        "give both the same, or the service has no endpoints"));
        for (Field port : service.at("spec.ports").items()) {
            Field target =
                    port.get("targetPort").isPresent() ? port.get("targetPort") : port.get("port");
            if (!FLINKS_PORTS.contains(String.valueOf(target.text()))) {
                metrics(service, target, pods);
            }
        }
    }

    private void metrics(Field service, Field target, Pods pods) {
        Field policy = service.at("spec.ipFamilyPolicy");
        problems.unless(
                policy.is("PreferDualStack"),
                policy,
                "PreferDualStack",
                "set it, or Prometheus reaches the pods by one IP family only");
        String number = containerPort(pods, target.text());
        problems.unless(
                number != null,
                target,
                "a port of " + Pods.MAIN + ", by name or number",
                "name it there, or the service leads nowhere");
        Field options = pods.deployment().at("spec.flinkConfiguration");
        Field reported = options.get("metrics.reporter.prom.port");
        problems.unless(
                number == null || reported.is(number),
                reported,
                "\"" + number + "\", the container port that the metrics Service leads to",
                "give both the same");
        Field factory = options.get("metrics.reporter.prom.factory.class");
        problems.unless(factory.is(REPORTER), factory, REPORTER, "set it, or there are no metrics");
    }

    private static boolean hasLabel(Pods pods, String label, String value) {
        // What Flink itself puts on its pods.
        boolean flinks =
                label.equals("app") && Manifest.name(pods.deployment()).equals(value)
                        || label.equals("type") && "flink-native-kubernetes".equals(value)
                        || label.equals("component");
        return flinks
                || pods.templates().stream()
                        .anyMatch(
                                template ->
                                        template.at("metadata.labels")
                                                .get(label)
                                                .is(String.valueOf(value)));
    }

    private static String containerPort(Pods pods, String target) {
        return pods.mains().stream()
                .flatMap(main -> main.get("ports").items().stream())
                .filter(
                        port ->
                                port.get("name").is(String.valueOf(target))
                                        || port.get("containerPort").is(String.valueOf(target)))
                .map(port -> port.get("containerPort").text())
                .findFirst()
                .orElse(null);
    }
}
