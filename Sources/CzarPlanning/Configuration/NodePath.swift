/// Where a value stands in a file, in the form that problems use: `workers[0].id`.
struct NodePath {
    private(set) var text = ""

    func key(_ name: String) -> NodePath { NodePath(text: text.isEmpty ? name : "\(text).\(name)") }

    func element(_ index: Int) -> NodePath { NodePath(text: "\(text)[\(index)]") }
}
