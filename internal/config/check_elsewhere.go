package config

func (k *checker) elsewhere(at string, e *Elsewhere) {
	k.oneOf(at+".elsewhere.similar", e.Similar, "hold", "send")
	k.between(at+".elsewhere.days", float64(e.Days), 1, 366)
}
