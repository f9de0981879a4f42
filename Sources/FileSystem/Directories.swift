/// Where nexo keeps its state: `$NEXO_HOME/state`, else `$HOME/.nexo/state`, else `./.nexo/state`. Empty counts as unset.
package struct Directories: Sendable {
  package let state: String

  package init(environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    state = value("NEXO_HOME").map { $0 + "/state" } ?? value("HOME").map { $0 + "/.nexo/state" } ?? "./.nexo/state"
  }
}
