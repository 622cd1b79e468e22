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
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.autoscaler.config.AutoScalerOptions;
import org.apache.flink.kubernetes.configuration.KubernetesConfigOptions;
import org.apache.flink.kubernetes.operator.config.KubernetesOperatorConfigOptions;

/** The options that a FlinkDeployment may set, and the values that they take. */
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

    /** Whose newer versions know more names than the one that is here. */
    private static final List<String> OF_NEWER_OPERATORS =
            List.of("kubernetes.operator.", "job.autoscaler.");

    private final Map<String, Object> options;

    /**
     * @param flinks options of Flink itself, by name
     */
    FlinkOptionNames(Map<String, Object> flinks) {
        options = new TreeMap<>(flinks);
        try {
            collect(KubernetesConfigOptions.class, options);
            collect(KubernetesOperatorConfigOptions.class, options);
            collect(AutoScalerOptions.class, options);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The operator is of another version: " + e, e);
        }
    }

    boolean contains(String name) {
        return options.containsKey(name)
                || FREE.stream().anyMatch(name::startsWith)
                || OF_NEWER_OPERATORS.stream().anyMatch(name::startsWith)
                        && Problems.near(name, options.keySet()).isEmpty();
    }

    String didYouMean(String name) {
        String words = Problems.didYouMean(name, options.keySet());
        return words.length() < 200 ? words : "see the reference of Flink's configuration.";
    }

    /** What Flink itself says to a value; empty if it can read it, or does not know the option. */
    Optional<String> error(String name, String value) {
        Object option = options.get(name);
        if (option == null) {
            return Optional.empty();
        }
        try {
            // The options are of two versions of Flink: each is read by its own.
            ClassLoader loader = option.getClass().getClassLoader();
            Class<?> type = loader.loadClass("org.apache.flink.configuration.Configuration");
            Object configuration =
                    type.getMethod("fromMap", Map.class).invoke(null, Map.of(name, value));
            type.getMethod("getOptional", option.getClass()).invoke(configuration, option);
            return Optional.empty();
        } catch (InvocationTargetException e) {
            Throwable error = e.getCause();
            Throwable cause = error.getCause();
            return Optional.of(
                    error.getMessage() + (cause == null ? "" : " " + cause.getMessage()));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Flink is of another version: " + e, e);
        }
    }

    /**
     * Adds the options that a class defines, by name, older names too. Its ConfigOption may be of
     * another class loader than ours.
     */
    static void collect(Class<?> type, Map<String, Object> options)
            throws ReflectiveOperationException {
        for (Field field : type.getFields()) {
            if (Modifier.isStatic(field.getModifiers())
                    && field.getType().getName().endsWith(".ConfigOption")) {
                Object option = field.get(null);
                options.put((String) option.getClass().getMethod("key").invoke(option), option);
                for (Object older :
                        (Iterable<?>) option.getClass().getMethod("fallbackKeys").invoke(option)) {
                    Method key = older.getClass().getMethod("getKey");
                    options.putIfAbsent((String) key.invoke(older), option);
                }
            }
        }
    }
}
