package dublincore

// IsDCMIType reports whether text is a class of the DCMI Type Vocabulary: "Text", "StillImage".
func IsDCMIType(text string) bool {
	switch text {
	case "Collection", "Dataset", "Event", "Image", "InteractiveResource", "MovingImage", "PhysicalObject",
		"Service", "Software", "Sound", "StillImage", "Text":
		return true
	}
	return false
}
func isISO6392(code string) bool {
	switch code {
	case "eng", "deu", "fra", "sqi", "ita", "spa", "rus":
		return true
	}
	return false
}
