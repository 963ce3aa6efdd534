package bulk

// Object is for tests of single cells.
var Object = object
