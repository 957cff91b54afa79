package trust

func validConstraint(g GeneralName) bool { return true }
