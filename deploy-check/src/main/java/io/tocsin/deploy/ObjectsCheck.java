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

import java.util.Map;
import java.util.Set;

/** What each object is: its kind, in a version that API servers have, in the right namespace. */
final class ObjectsCheck {
    private static final Set<String> CLUSTER_WIDE =
            Set.of("ClusterRole", "ClusterRoleBinding", "Namespace");

    /** Rights may be granted in the namespaces that are watched. */
    private static final Set<String> ELSEWHERE = Set.of("Role", "RoleBinding");

    private static final String NAME = "[a-z0-9]([-a-z0-9.]*[a-z0-9])?";

    private final Schemas schemas;
    private final Problems problems;

    ObjectsCheck(Schemas schemas, Problems problems) {
        this.schemas = schemas;
        this.problems = problems;
    }

    /** Checks all objects, and those whose schema is known against it. */
    void check(Manifest manifest) {
        SchemaCheck schema = new SchemaCheck(problems);
        ValuesCheck values = new ValuesCheck(problems);
        Map<String, String> versions = schemas.versions();
        for (Field object : manifest.objects()) {
            String kind = object.get("kind").text();
            String version = object.get("apiVersion").text();
            if (kind == null || version == null) {
                continue;
            }
            String known = versions.get(kind);
            name(object);
            if (known == null) {
                Problems.near(kind, versions.keySet())
                        .ifPresent(
                                near ->
                                        problems.add(
                                                object.get("kind"),
                                                "the unknown kind \"" + kind + "\"",
                                                "a kind of the API server",
                                                "did you mean " + near + "?"));
            } else if (version.equals(known)) {
                schemas.of(kind).ifPresent(of -> schema.check(of, object));
                values.check(object);
            } else if (isOurs(version)) {
                problems.add(
                        object.get("apiVersion"),
                        "\"" + version + "\"",
                        "\"" + known + "\"",
                        "API servers have no " + kind + " of the other");
            }
        }
        manifest.kind("FlinkDeployment").forEach(deployment -> namespaces(deployment, manifest));
    }

    private void namespaces(Field deployment, Manifest manifest) {
        String namespace = Manifest.namespace(deployment);
        for (Field object : manifest.objects()) {
            String kind = object.get("kind").text();
            Field at = object.at("metadata.namespace");
            if (kind == null
                    || CLUSTER_WIDE.contains(kind)
                    || !schemas.versions().containsKey(kind)) {
                continue;
            }
            if (at.isPresent() != (namespace != null)) {
                Field lacking = at.isPresent() ? deployment.at("metadata.namespace") : at;
                problems.add(
                        lacking,
                        "nothing",
                        "\"" + (namespace == null ? at.text() : namespace) + "\"",
                        "add it, or kubectl puts the object into the namespace it happens to be in");
                if (at.isPresent()) {
                    return;
                }
            } else if (at.isPresent() && !at.is(namespace) && !ELSEWHERE.contains(kind)) {
                problems.add(
                        at,
                        Problems.got(at),
                        "\"" + namespace + "\", the FlinkDeployment's",
                        "correct it, or the two do not find each other");
            }
        }
    }

    private void name(Field object) {
        Field name = object.at("metadata.name");
        boolean rights = String.valueOf(object.get("kind").text()).matches(".*Role(Binding)?");
        problems.unless(
                name.text() == null || rights || name.text().matches(NAME),
                name,
                "lower case letters, digits, '-' and '.'",
                "the API server refuses the object otherwise");
    }

    private static boolean isOurs(String version) {
        String group = version.contains("/") ? version.replaceFirst("/.*", "") : "";
        return !group.contains(".") || group.endsWith(".k8s.io") || group.endsWith(".apache.org");
    }
}
