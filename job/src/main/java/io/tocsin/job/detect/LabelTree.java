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

import io.tocsin.job.model.Labels;
import java.util.HashMap;
import java.util.Map;

/**
 * Labels as templates see them, which take {@code labels.app.kubernetes.io/name} apart at its dots:
 * a tree of the parts of their names. A node prints as the value of the label that ends there.
 */
final class LabelTree extends HashMap<String, Object> {

    private static final long serialVersionUID = 1L;

    private String value = "";

    static LabelTree of(Labels labels) {
        LabelTree root = new LabelTree();
        for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
            LabelTree node = root;
            for (String part : label.getKey().split("\\.", -1)) {
                node = (LabelTree) node.computeIfAbsent(part, p -> new LabelTree());
            }
            node.value = label.getValue();
        }
        return root;
    }

    @Override
    public String toString() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelTree that && value.equals(that.value) && super.equals(other);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + value.hashCode();
    }
}
