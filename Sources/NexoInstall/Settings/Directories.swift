/// Where nexo keeps its state: `$NEXO_HOME/state`, else `$HOME/.nexo/state`, else `./.nexo/state`. Empty counts as unset.
struct Directories: Sendable {
  let state: String

  init(environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    state = value("NEXO_HOME").map { $0 + "/state" } ?? value("HOME").map { $0 + "/.nexo/state" } ?? "./.nexo/state"
  }
}
