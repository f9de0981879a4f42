/// The order in which roles are asked for a file (TUF specification 5.6.7): depth first, in the order of the delegations, each role once,
/// and never past a terminating one.
///
/// Call `next`, have the role believed if it has a delegator, then call `look`, until either answers.
public struct TargetSearch {
  public struct Role: Sendable {
    public let name: String
    /// Nil for the top role, which is believed already.
    public let delegator: String?
  }

  public let path: String
  private var open = [Role(name: "targets", delegator: nil)]
  private var seen: Set<[UInt8]> = []

  public init(path: String) { self.path = path }

  /// Nil where nobody else may speak for the file, or too many were asked.
  public mutating func next() -> Role? {
    while let role = open.popLast() {
      guard seen.insert(Array(role.name.utf8)).inserted else { continue }
      return seen.count <= MetadataLimits.delegations ? role : nil
    }
    return nil
  }

  /// What the role says; nil where the search goes on.
  public mutating func look(
    in role: Role, of metadata: TrustedMetadata
  ) throws(MetadataFailure) -> TargetDescription? {
    let found = try metadata.look(for: path, in: role.name)
    if let target = found.target { return target }
    var next: [Role] = []
    for delegated in found.delegated {
      next.append(Role(name: delegated.role, delegator: role.name))
      if delegated.isTerminating {
        open = []
        break
      }
    }
    open += next.reversed()
    return nil
  }
}
