/// No flag is read from the environment. cosign binds every one to a variable; whoever relies on that is told.
enum EnvironmentNotices {
  static func notices(for names: [String]) -> [Notice] {
    let flags = Set(FlagTable.rows.map { "COSIGN_" + variablePart($0.flag) })
    // Each once, in an order that does not change.
    return Set(names).sorted().compactMap { name in
      guard flags.contains(name) || name.hasPrefix("COSIGN_INSECURE_") else { return nil }
      return Notice(.environmentIgnored, "\(name) is set and ignored: flags are taken from the command line alone")
    }
  }

  private static func variablePart(_ flag: Flag) -> String {
    String(flag.rawValue.map { $0 == "-" ? "_" : $0 }).uppercased()
  }
}
