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

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.autoscaler.config.AutoScalerOptions;
import org.apache.flink.kubernetes.configuration.KubernetesConfigOptions;
import org.apache.flink.kubernetes.operator.config.KubernetesOperatorConfigOptions;

/** The names of the options that a FlinkDeployment may set. */
final class FlinkOptionNames {
    /** Below these, names are free, or are those of a plugin that is not here. */
    private static final List<String> FREE =
            List.of(
                    "metrics.reporter.",
                    "metrics.scope.",
                    "containerized.",
                    "env.",
                    "fs.",
                    "s3.",
                    "rest.",
                    "security.",
                    "kubernetes.operator.default-configuration.");

    private final Set<String> names;

    /**
     * @param flinks the names of the options of Flink itself
     */
    FlinkOptionNames(Set<String> flinks) {
        names = new TreeSet<>(flinks);
        try {
            collect(KubernetesConfigOptions.class, names);
            collect(KubernetesOperatorConfigOptions.class, names);
            collect(AutoScalerOptions.class, names);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The operator is of another version: " + e, e);
        }
    }

    boolean contains(String name) {
        return names.contains(name) || FREE.stream().anyMatch(name::startsWith);
    }

    String didYouMean(String name) {
        String words = Problems.didYouMean(name, names);
        return words.length() < 200 ? words : "see the reference of Flink's configuration.";
    }

    /**
     * Adds the names of the options that a class defines. Its ConfigOption may be of another class
     * loader than ours.
     */
    static void collect(Class<?> type, Set<String> names) throws ReflectiveOperationException {
        for (Field field : type.getFields()) {
            if (Modifier.isStatic(field.getModifiers())
                    && field.getType().getName().endsWith(".ConfigOption")) {
                Object option = field.get(null);
                names.add((String) option.getClass().getMethod("key").invoke(option));
                for (Object older :
                        (Iterable<?>) option.getClass().getMethod("fallbackKeys").invoke(option)) {
                    Method key = older.getClass().getMethod("getKey");
                    names.add((String) key.invoke(older));
                }
            }
        }
    }
}
